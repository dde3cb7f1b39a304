"""`file.patch`: a patch that is applied once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

from saltern.plugin_api.filesystem.states.answers import Answer, failed, fine, planned

_UNCLEAN = (
    "Patch would not apply cleanly, no changes made. Results of dry-run are below."
    " Run state again using the reject_file option to save rejects to a persistent file."
)


class PatchWish(NamedTuple):
    """The options of `patch`."""

    options: Any = ""
    reject_file: str | None = None
    strip: int | None = None

    def words(self) -> list[str]:
        import shlex

        words = shlex.split(str(self.options or ""))
        if self.strip is not None:
            words = [word for word in words if not word.startswith(("-p", "--strip"))] + [f"--strip={self.strip}"]
        return [word for word in words if word not in ("-N", "--forward", "--dry-run")]


Run = Callable[..., dict[str, Any]]


def patched(name: str, patch: str, wish: PatchWish, run: Run, *, test: bool) -> Answer:
    """`run` is `file.patch`. Whether the patch applies is tried on nothing that stays."""
    words = wish.words()
    reverse = run(name, patch, options=[*words, "-R", "-f"], dry_run=True)
    if reverse["retcode"] == 0:
        return fine(name, "Patch was already applied")
    trial = _tried(name, patch, words, run)
    if trial["retcode"] != 0:
        return _unclean(name, patch, wish, run)
    if test:
        return planned(name, "The patch would be applied", _without_pid(trial))
    done = run(name, patch, options=words)
    if done["retcode"] != 0:
        return failed(name, "Failed to apply patch", _without_pid(done))
    return fine(name, "Patch successfully applied", _without_pid(done))


def _tried(name: str, patch: str, words: list[str], run: Run) -> dict[str, Any]:
    """Apply a patch into files that are thrown away."""
    made = [tempfile.mkstemp(prefix="saltern-patch-") for _ in range(2)]
    for handle, _ in made:
        os.close(handle)
    output, rejects = (path for _, path in made)
    try:
        done = run(name, patch, options=[*words, "-o", output, f"--reject-file={rejects}"])
        return {**done, "stdout": str(done["stdout"]).replace(f"{output} (read from {name})", name)}
    finally:
        for path in (output, rejects):
            if os.path.exists(path):
                os.unlink(path)


def _unclean(name: str, patch: str, wish: PatchWish, run: Run) -> Answer:
    """Tell why a patch does not apply; with `reject_file` its rejected parts are kept there."""
    if wish.reject_file is None or os.path.isdir(name):
        told = run(name, patch, options=wish.words(), dry_run=True)
        if told["retcode"] > 1:  # no rejected parts: patch cannot make anything of it
            return failed(name, told["stderr"])
        return failed(name, f"{_UNCLEAN}\n\n{_text(told)}")
    with tempfile.TemporaryDirectory() as scratch:
        copy = os.path.join(scratch, os.path.basename(name))
        shutil.copyfile(name, copy)
        told = run(copy, patch, options=[*wish.words(), f"--reject-file={wish.reject_file}"])
    kept = f" Results of dry-run are below. Rejects were written to {wish.reject_file}"
    return failed(name, f"Patch would not apply cleanly, no changes made.{kept}\n\n{_text(told)}")


def _text(done: dict[str, Any]) -> str:
    return "\n".join(str(done[key]) for key in ("stdout", "stderr") if done.get(key))


def _without_pid(done: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in done.items() if key != "pid"}
