#!pyobjects
import salt.utils.stringutils
from salt://lib/texts.sls import joined

Test.nop(salt.utils.stringutils.to_str(b"one"), text=joined(["x", "y"]))
