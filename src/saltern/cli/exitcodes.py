"""The exit codes of all commands, in one table.

Scripts written for Salt test for 0, 1, 2 and the codes of sysexits.h; the others are free there, so what Salt does not
tell apart has a number of its own here. An error that stops a command has the exit code of its class (see the tree in
`saltern.errors`); this module has the rest, and the sentences of the whole table.
"""

from __future__ import annotations

OK = 0
FAILED = 1
NO_RETURN = 2
SOME_MISSING = 3
INCOMPLETE = 42
USAGE = 64
INTERNAL = 70
CANNOT_CREATE = 73
INTERRUPTED = 130
BROKEN_PIPE = 141

TABLE = (
    (OK, "all is well: every minion of the target returned, each with retcode 0"),
    (FAILED, "a minion returned a retcode that is not 0; a runner failed"),
    (NO_RETURN, "no minion matched the target, or none of those that did returned; who asks could not log in"),
    (SOME_MISSING, "some minions gave no return; those that did succeeded"),
    (INCOMPLETE, "words are missing on the command line"),
    (USAGE, "an option, a target or an argument cannot be understood"),
    (66, "what was named does not exist: a job, a key, a function, a file"),
    (69, "the master does not answer"),
    (INTERNAL, "a plugin failed, or a fault of Saltern itself"),
    (CANNOT_CREATE, "it exists already, or the output file cannot be written"),
    (74, "the job cache is full or damaged"),
    (76, "the other side broke the protocol"),
    (77, "this is not allowed"),
    (78, "the configuration is wrong"),
    (INTERRUPTED, "stopped by Ctrl-C; a job that was started goes on"),
    (BROKEN_PIPE, "the program that read the output ended"),
)
"""Code and meaning, as `saltern help exit-codes` and the reference print it. `saltern call --retcode-passthrough` may
give any other code: it is the function's own."""
