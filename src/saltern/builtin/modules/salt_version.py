"""Compare the version of Salt that this minion speaks the language of with a release by its name.

Releases are named after the chemical elements in the order of the periodic table.
"""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError
from saltern.version import SALT_VERSION

_DATED = {
    "hydrogen": "2014.1", "helium": "2014.7", "lithium": "2015.5", "beryllium": "2015.8", "boron": "2016.3",
    "carbon": "2016.11", "nitrogen": "2017.7", "oxygen": "2018.3", "fluorine": "2019.2",
}  # fmt: skip
_NUMBERED = (
    "neon", "sodium", "magnesium", "aluminium", "silicon", "phosphorus", "sulfur", "chlorine", "argon", "potassium",
    "calcium", "scandium", "titanium", "vanadium", "chromium", "manganese", "iron", "cobalt", "nickel", "copper",
    "zinc",
)  # fmt: skip
_ALIASES = {"aluminum": "aluminium", "sulphur": "sulfur"}


def get_release_number(name: str) -> str | None:
    """The number of a release (`3006` for Sulfur, `2018.3` for Oxygen); None for a name that is none.

    CLI Example::

        saltern run '*' salt_version.get_release_number 'Oxygen'
    """
    name = _ALIASES.get(name.lower(), name.lower())
    if name in _NUMBERED:
        return str(3000 + _NUMBERED.index(name))
    return _DATED.get(name)


def equal(name: str) -> bool:
    """Whether this is the release of a name.

    CLI Example::

        saltern run '*' salt_version.equal 'Oxygen'
    """
    return _compared(name) == 0


def greater_than(name: str) -> bool:
    """Whether this is newer than the release of a name.

    CLI Example::

        saltern run '*' salt_version.greater_than 'Oxygen'
    """
    return (_compared(name) or 0) > 0


def less_than(name: str) -> bool:
    """Whether this is older than the release of a name.

    CLI Example::

        saltern run '*' salt_version.less_than 'Potassium'
    """
    return (_compared(name) or 0) < 0


def _compared(name: str) -> int | None:
    """Below, at or above zero as the spoken release is older, the same or newer; None for a name that is none."""
    if not isinstance(name, str):
        raise CommandExecutionError("'name' argument must be a string")
    number = get_release_number(name)
    if number is None:
        return None
    own, other = float(SALT_VERSION.partition(".")[0]), float(number)
    return (own > other) - (own < other)
