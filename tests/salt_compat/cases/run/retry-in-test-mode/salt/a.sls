a: {test.fail_without_changes: [{retry: {attempts: 2, interval: 0}}]}
b: {test.succeed_with_changes: [{retry: True}]}
c: {test.nop: [{retry: {attempts: 2, interval: 0, until: False, splay: 3}}]}
d: {test.fail_without_changes: [{retry: {attempts: x, interval: 0}}]}
e: {test.nop: [{require: [{test: c}]}]}
