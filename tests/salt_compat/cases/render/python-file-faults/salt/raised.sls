#!py
from salt.exceptions import SaltRenderError


def run():
    raise SaltRenderError("no site is set")
