#!pyobjects
import salt://lib/nope.sls
