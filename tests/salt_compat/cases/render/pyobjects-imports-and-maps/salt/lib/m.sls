#!pyobjects
x = 'EX' + grains('os')
y = 'WHY'
Test.nop("from lib")
