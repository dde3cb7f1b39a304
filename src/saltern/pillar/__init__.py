"""From top files, SLS files and external sources to the pillar of one minion.

::

    options   what the configuration says about it
    faults    what went wrong, as the minion is told
    top       top files, and what they give a minion
    include   the include declaration of an SLS file
    sls       an SLS file and those that it includes, rendered and merged
    external  external pillars
    decrypt   values that stand encrypted in files
    merge     the strategies of merging
    compile   all of it, in Salt's order
"""
