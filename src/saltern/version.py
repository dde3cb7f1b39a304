"""The version, alone in its file so that reading it imports nothing."""

VERSION = "0.1.0"

SALT_VERSION = "3008.2"
"""The release of Salt whose language is spoken: what templates and plugins that ask for Salt's version are told."""
