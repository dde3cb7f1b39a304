x: {test.nop: [{saltenv: dev}, {runas: me}, {provider: x}]}
