"""The release of Salt whose language is spoken."""

from saltern.version import SALT_VERSION

__version__ = SALT_VERSION
__version_info__ = tuple(int(part) for part in SALT_VERSION.split("."))
