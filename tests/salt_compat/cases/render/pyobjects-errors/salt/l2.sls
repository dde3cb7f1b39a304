#!pyobjects
from salt://lib/m.sls import nope
