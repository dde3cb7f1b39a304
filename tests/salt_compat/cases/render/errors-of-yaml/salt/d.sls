a: !custom x
