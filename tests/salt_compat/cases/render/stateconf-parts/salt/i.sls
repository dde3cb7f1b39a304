#!stateconf
