#!jinja|py
def run():
    return {"{{ grains['os'] }}": {"test.nop": [{"tag": "{{ sls }}"}]}, "x": {"test.nop": [{"tag": __sls__ + __env__}]}}
