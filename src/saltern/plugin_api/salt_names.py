"""Salt's own module names that plugins in Salt's form import: `salt.exceptions`, `salt.utils.data`, …

They are the modules of `plugin_api.salt`, and only on a host without Salt: a Salt that is installed stays itself. Any
other `salt.*` import fails, and the plugin that tried it is refused with that reason. The names are put in place when
the first plugin, or SLS file written in Python, whose code mentions `salt` is about to run.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType


def offer_salt_names_to(code: CodeType) -> None:
    """Make Salt's names importable for code that mentions them."""
    if mentions_salt(code):
        offer_salt_names()


def offer_salt_names() -> None:
    """Make Salt's names importable."""
    if "salt" in sys.modules:
        return
    # Half of Python's importlib comes with it, which a minion at rest does not need.
    from importlib.machinery import PathFinder

    from saltern.plugin_api.salt_finder import SaltFinder

    installed = PathFinder.find_spec("salt")
    # A directory that merely is called salt (a file tree in the working directory) is found too, without a loader.
    is_salt = installed is not None and installed.loader is not None
    if not is_salt and not any(isinstance(finder, SaltFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, SaltFinder())


def mentions_salt(code: CodeType) -> bool:
    """Whether code, or a function in it, names `salt` or a module of it."""
    if any(name == "salt" or name.startswith("salt.") for name in code.co_names):
        return True
    return any(mentions_salt(inner) for inner in code.co_consts if isinstance(inner, type(code)))
