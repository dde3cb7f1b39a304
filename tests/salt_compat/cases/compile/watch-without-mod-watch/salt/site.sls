both: {group.present: [{require: [{test: one}]}, {watch: [{test: two}]}]}
turned: {group.present: [{watch: [two]}, {require: [{test: one}]}]}
any: {user.present: [{watch_any: [{test: two}]}]}
none: {file.managed: [{watch: []}, {name: /tmp/none}]}
several: {file.directory: [{names: [/tmp/x, /tmp/y]}, {watch: [{test: one}]}]}
kept: {cmd.run: [{watch: [{test: one}]}, {name: "true"}]}
kept too: {service.running: [{watch: [{test: one}]}, {watch_any: [{test: two}]}]}
unknown: {no_such_module.present: [{watch: [{test: one}]}]}
one: {test.nop: [{watch_in: [{group: both}]}]}
two: {test.nop: []}
