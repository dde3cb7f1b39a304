l1: {test.nop: [{retry: false}]}
l2: {test.nop: [{retry: 5}]}
l3: {test.nop: [{retry: null}]}
l4: {test.nop: [{retry: []}]}
l5: {test.nop: [{retry: {}}]}
l6: {test.nop: [{retry: [{attempts: 3}]}]}
l7: {test.nop: [{retry: true}]}
l8: {test.nop: [{retry: {attempts: 3, until: false, interval: 2, splay: 4}}]}
l9: {test.nop: [{retry: {attempts: x, until: y, interval: z, splay: w}}]}
