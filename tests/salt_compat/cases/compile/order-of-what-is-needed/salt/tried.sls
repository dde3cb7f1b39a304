one: {test.nop: [{prereq: [{test: two}]}]}
two: {test.nop: [{prereq: [{test: three}]}]}
three: {test.nop: [{prereq: [{test: four}]}]}
four: {test.nop: [{require: [{test: five}]}]}
five: test.nop
