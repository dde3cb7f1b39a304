"""The one place where configuration becomes objects and back ends are chosen."""

from __future__ import annotations

import sys

if "msgspec" not in sys.modules and "typing_extensions" not in sys.modules:
    # Where typing_extensions is installed msgspec takes two names from it that `typing` has as well. It costs every
    # call and every minion at rest the import of `inspect` and all that this needs: a tenth of a call's time.
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
