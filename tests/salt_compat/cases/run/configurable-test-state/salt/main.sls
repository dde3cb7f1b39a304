a: {test.configurable_test_state: []}
b: {test.configurable_test_state: [{changes: False}]}
c: {test.configurable_test_state: [{changes: False}, {result: False}]}
d: {test.configurable_test_state: [{changes: False}, {comment: hi}]}
e: {test.configurable_test_state: [{changes: True}, {comment: hi}]}
f: {test.configurable_test_state: [{changes: True}, {result: False}]}
g: {test.configurable_test_state: [{allow_test_mode_failure: True}, {result: False}, {changes: False}]}
h: {test.configurable_test_state: [{allow_test_mode_failure: True}, {result: False}, {changes: True}]}
i: {test.configurable_test_state: [{warnings: oh}]}
