before: {module.run: [{grains.get: [{key: kk}, {default: none}]}]}
write: {cmd.run: [{name: "echo 'kk: v1' > {{ opts.conf_file | replace('/minion', '/grains') }}"}, {reload_grains: True}]}
after: {module.run: [{grains.get: [{key: kk}, {default: none}]}, {require: [{cmd: write}]}]}
