x: {file.managed: []}
y: {cmd.run: [{nope: 1}]}
z: {file.managed: [{names: [/tmp/nope-a]}, {foo: 1}]}
