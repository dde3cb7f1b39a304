from salt.utils.decorators import depends
@depends("nosuchprogram_xyz -v", retcode=0)
def prog():
    return 1
@depends("true", retcode=0)
def good():
    return 1
@depends("false", nonzero_retcode=True)
def bad():
    return 1
@depends("true", nonzero_retcode=True)
def never():
    return 1
HAVE = False
@depends(HAVE)
def boolean():
    return 1
def _fb(*a, **k):
    return "fallback"
@depends("nosuchlib_xyz", fallback_function=_fb)
def with_fb(a=1):
    return "real"
