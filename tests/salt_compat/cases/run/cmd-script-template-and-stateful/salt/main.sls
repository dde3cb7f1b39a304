context-wins: {cmd.script: [{source: salt://s.sh}, {template: jinja}, {context: {x: 1}}, {defaults: {x: 2, y: 3}}, {args: q}]}
arguments: {cmd.script: [{source: salt://s.sh}, {template: jinja}, {context: {x: 1}}, {x: 5}, {y: 4}]}
no-engine: {cmd.script: [{source: salt://s.sh}, {template: nosuch}]}
no-mapping: {cmd.script: [{source: salt://s.sh}, {template: jinja}, {context: [1]}]}
no-defaults: {cmd.script: [{source: salt://s.sh}, {template: jinja}, {defaults: text}]}
no-env: {cmd.script: [{source: salt://s.sh}, {env: text}]}
name-is-source: {cmd.script: [{name: salt://s.sh x y}]}
script-tells: {cmd.script: [{source: salt://last-line.sh}, {stateful: true}]}
words: {cmd.run: [{name: "echo some words"}, {stateful: true}]}
silent: {cmd.run: [{name: "true"}, {stateful: true}]}
broken: {cmd.run: [{name: "echo '{\"changed\": tru}'"}, {stateful: true}]}
lines-before-json: {cmd.run: [{name: "echo first; echo '{\"changed\": true}'"}, {stateful: true}]}
json: {cmd.run: [{name: "echo '{\"changed\": false, \"comment\": \"same\"}'"}, {stateful: true}]}
no-bool: {cmd.run: [{name: "echo x"}, {stateful: text}]}
run-no-env: {cmd.run: [{name: "echo x"}, {env: text}]}
