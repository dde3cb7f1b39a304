numbers: {test.configurable_test_state: [{comment: ["__slot__:salt:test.echo(5)"]}]}
quotes: {test.configurable_test_state: [{comment: "__slot__:salt:test.echo(\"a,b\")"}]}
bracket: {test.configurable_test_state: [{comment: "__slot__:salt:test.arg(a='b,c', d=\"e)f\").kwargs.d"}]}
words: {test.configurable_test_state: [{comment: "__slot__:salt:test.echo(a b c)"}]}
no-function: {test.configurable_test_state: [{comment: "__slot__:salt:nosuch.fun()"}]}
no-end: {test.configurable_test_state: [{comment: "__slot__:salt:test.echo(x"}]}
no-call: {test.configurable_test_state: [{comment: "__slot__:salt:"}]}
no-such-step: {cmd.run: [{name: "echo \"${A:-none}\""}, {env: {A: "__slot__:salt:grains.get(os)"}}]}
appended: {test.configurable_test_state: [{comment: "__slot__:salt:test.arg(k=v).kwargs.k ~ /y"}]}
in-condition: {test.nop: [{onlyif: "__slot__:salt:test.echo(false)"}]}
