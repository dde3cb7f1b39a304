e1: {environ.setenv: [{name: does not matter}, {value: {T1: a, T2: b}}]}
e2: {environ.setenv: [{name: TVAR}, {value: {T1: 5}}]}
e3: {environ.setenv: [{name: TVARX}, {value: ''}]}
e4: {environ.setenv: [{name: T2}, {value: ''}]}
e5: {environ.setenv: [{name: T9}, {value: {a: [1]}}]}
