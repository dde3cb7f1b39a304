zone: 12
samba: {lookup: {service: pill, extra: [1]}}
a: {b: c}
