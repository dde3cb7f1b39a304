"""Try runners: arguments, waiting, output."""

from __future__ import annotations

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.jid_event import JidEvent

__opts__: Opts
__jid_event__: JidEvent


def arg(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """The arguments, without what the caller adds of itself.

    CLI Example::

        saltern runner test.arg 1 "two" 3.1 txt="hello" wow='{a: 1, b: "hello"}'
    """
    return {"args": list(args), "kwargs": {name: value for name, value in kwargs.items() if not name.startswith("__")}}


def raw_arg(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """The arguments as they came.

    CLI Example::

        saltern runner test.raw_arg 1 "two" txt="hello"
    """
    return {"args": list(args), "kwargs": kwargs}


def metasyntactic(locality: str = "us") -> list[str]:
    """Words that stand for anything.

    CLI Example::

        saltern runner test.metasyntactic
        saltern runner test.metasyntactic locality=uk
    """
    words = {
        "us": "foo bar baz qux quux quuz corge grault garply waldo fred plugh xyzzy thud",
        "uk": "wibble wobble wubble flob",
    }
    return words[locality].split()


def sleep(s_time: float = 10) -> bool:
    """Wait so many seconds.

    CLI Example::

        saltern runner test.sleep 2
    """
    import time

    time.sleep(float(s_time))
    return True


def stream() -> bool:
    """Tell of one's progress a hundred times.

    CLI Example::

        saltern runner test.stream
    """
    import time

    for number in range(1, 101):
        __jid_event__.fire_event({"message": f"Runner is {number}% done"}, "progress")
        time.sleep(0.1)
    return True


def get_opts() -> dict[str, Any]:
    """The master's configuration.

    CLI Example::

        saltern runner test.get_opts
    """
    return __opts__
