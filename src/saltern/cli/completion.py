"""`saltern completion SHELL`: what completes command lines, with minion ids and functions."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import PROGRAMS, make_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = (
    "source <(saltern completion bash)",
    "saltern completion zsh > ~/.zfunc/_saltern",
    "saltern completion fish > ~/.config/fish/completions/saltern.fish",
)
_SHELLS = {
    "bash": """_saltern() {
    local IFS=$'\\n' words=("${COMP_WORDS[@]:0:COMP_CWORD+1}")
    # Bash takes ":" and "=" for words of their own; the line tells what was typed.
    COMPREPLY=($(command saltern completion --words "${words[@]}" 2>/dev/null))
    if [ ${#COMPREPLY[@]} -eq 0 ]; then
        compopt -o default
    elif [ ${#COMPREPLY[@]} -eq 1 ] && [[ ${COMPREPLY[0]} == *[.=] ]]; then
        compopt -o nospace
    fi
}
complete -F _saltern {programs}
""",
    "zsh": """#compdef {programs}
_saltern() {
    local -a found
    found=("${(@f)$(command saltern completion --words "${(@)words[1,CURRENT]}" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( $#found )); then
        compadd -S '' -- "${(@)found:#*[^.=]}"
        compadd -- "${(@)found:#*[.=]}"
    else
        _files
    fi
}
if [ "$funcstack[1]" = _saltern ]; then _saltern "$@"; else compdef _saltern {programs}; fi
""",
    "fish": """function __saltern_complete
    set -l words (commandline -opc) (commandline -ct)
    command saltern completion --words $words 2>/dev/null
end
for program in {programs}
    complete -c $program -a '(__saltern_complete)'
end
""",
}


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    if argv and argv[0] == "--words":
        from saltern.cli.completing import completions

        sys.stdout.write("".join(f"{word}\n" for word in completions(argv[1:])))
        return exitcodes.OK
    parser = make_parser(
        "completion",
        "Prints what completes command lines in a shell, minion ids and functions too.",
        usage="SHELL",
        examples=_EXAMPLES,
    )
    parser.add_argument("shell", metavar="SHELL", choices=tuple(_SHELLS), help=", ".join(_SHELLS))
    shell = parser.parse(argv).shell
    print(_SHELLS[shell].replace("{programs}", " ".join(("saltern", *PROGRAMS))), end="")
    return exitcodes.OK
