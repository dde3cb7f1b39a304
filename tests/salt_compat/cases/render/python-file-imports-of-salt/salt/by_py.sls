#!py
from salt.exceptions import SaltRenderError
from salt.utils.dictupdate import merge
from salt.utils.odict import OrderedDict

# what the file is given stands in front of what it calls so itself
pillar = {"site": "not this"}


def run():
    merged = merge({"a": {"b": 1}}, {"a": {"c": [2]}}, strategy="recurse")
    words = OrderedDict(one=1)
    told = f"{merged} {pillar.get('site')}"
    return {"shown": {"test.configurable_test_state": [{"comment": told}, {"changes": words["one"] == 2}]}}
