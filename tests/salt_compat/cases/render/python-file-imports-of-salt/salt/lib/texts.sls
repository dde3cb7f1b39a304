#!pyobjects
from salt.utils.args import split_input


def joined(words):
    return "-".join(split_input(words))
