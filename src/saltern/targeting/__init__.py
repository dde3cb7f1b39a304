"""Which minions are meant: target expressions as pure functions (behaviours TGT-01 to TGT-06, TGT-10).

::

    texts      how one text is compared: glob, regular expression, exact
    nested     a grain or pillar value, reached through nested keys
    addresses  IP addresses and networks
    logic      the answers yes, no and not known, and how they combine
    words      one word of a compound expression
    compound   the grammar of compound expressions
    nodegroups names for expressions
    matchers   the kinds of targets, each a builder of a test
    compile    a target as a predicate, read once
    resolve    a target as lists of minion ids
"""
