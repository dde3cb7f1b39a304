no-function: {test.nop: [{onlyif: [{nofun: x}]}]}
number: {test.nop: [{onlyif: [5]}]}
nothing: {test.nop: [{onlyif: null}]}
untrue: {test.nop: [{onlyif: false}]}
unless-true: {test.nop: [{unless: true}]}
no-files: {test.nop: [{creates: []}]}
both: {test.nop: [{onlyif: 'true'}, {unless: 'true'}]}
get-return: {test.nop: [{onlyif: [{fun: test.kwarg, get_return: b, a: true}]}]}
codes: {test.nop: [{onlyif: 'exit 3'}, {success_retcodes: [3]}]}
check-codes: {test.nop: [{check_cmd: 'exit 4'}, {success_retcodes: 4}]}
