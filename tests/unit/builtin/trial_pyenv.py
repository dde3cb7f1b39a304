"""A program `pyenv` that installs directories, and a repository to fetch it from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_PYENV = """#!/bin/sh
case "$1 $2" in
"versions --bare") ls "$PYENV_ROOT/versions" ;;
"install --list") printf 'Available versions:\\n  2.7.18\\n  3.9.1\\n' ;;
install*) case $2 in bad*) exit 2 ;; esac; mkdir -p "$PYENV_ROOT/versions/$2"; echo "Installed $2" >&2 ;;
uninstall*) rm -rf "$PYENV_ROOT/versions/$3" ;;
rehash*) ;;
"global ") cat "$PYENV_ROOT/version" 2>/dev/null || echo system ;;
global*) echo "$2" > "$PYENV_ROOT/version" ;;
*) exit 9 ;;
esac
"""
_PYTHON = '#!/bin/sh\necho "Python ${PYENV_VERSION:-of $PYENV_ROOT}"\n'


def make_pyenv(root: Path) -> None:
    """A pyenv in `root`, with one version."""
    for path, text in {"bin/pyenv": _PYENV, "shims/python": _PYTHON}.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(text)
        (root / path).chmod(0o755)
    (root / "versions" / "3.9.1").mkdir(parents=True)


def make_source(folder: Path) -> dict[str, str]:
    """A repository of it, and the environment in which git takes that one for pyenv's own."""
    make_pyenv(folder)
    (folder / "versions" / "3.9.1" / "kept").touch()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    return {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/pyenv/pyenv.git",
    }
