t1: {status.loadavg: [{name: 1-min}, {maximum: 10000}]}
t2: {status.loadavg: [{name: 5-min}, {minimum: 10000}]}
t3: {status.loadavg: [{name: nosuch}, {maximum: 1}]}
t4: {status.loadavg: [{name: 1-min}]}
t5: {status.loadavg: [{name: 1-min}, {maximum: 5}, {minimum: 7}]}
t6: {status.loadavg: [{name: 15-min}, {maximum: 0}]}
