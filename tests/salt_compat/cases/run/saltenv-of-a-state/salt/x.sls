x: {file.managed: [{name: '@TMP@/x'}, {source: 'salt://f.txt'}]}
y: {file.managed: [{name: '@TMP@/y'}, {source: 'salt://f.txt?saltenv=dev'}]}
z: {file.managed: [{name: '@TMP@/z'}, {source: 'salt://f.txt'}, {saltenv: dev}]}
