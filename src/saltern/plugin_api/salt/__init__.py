"""What plugins written for Salt import from it: `salt.exceptions`, `salt.utils.data`, and so on, under Salt's names.

On a host without Salt, `import salt.x` in a plugin gives the module `x` of this package. The functions behave as Salt's
that have the same names; a module or function that is not here is missed by `import` itself, with its name.
"""
