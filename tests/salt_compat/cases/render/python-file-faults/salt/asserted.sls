#!py
def run():
    assert "site" in pillar
