#!py
def run():
    assert "site" in pillar, "a site is needed"
