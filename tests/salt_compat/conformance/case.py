"""A case: a directory with `case.yaml` (what to run), `expect.json` (an answer for each entry) and trees of files."""

import json
import os
import shutil
from pathlib import Path

import yaml


class CaseError(Exception):
    """The case itself is malformed."""


class Case:
    def __init__(self, path, name):
        self.path = Path(path)
        self.name = name
        try:
            self.meta = yaml.safe_load((self.path / "case.yaml").read_text("utf-8")) or {}
        except yaml.YAMLError as exc:
            raise CaseError(f"{name}: case.yaml: {exc}") from exc
        self.run = self.meta.get("run") or []
        self.marks = list(self.meta.get("marks") or [])
        if not self.run:
            raise CaseError(f"{name}: nothing to run")

    @property
    def area(self):
        # --cases may also be the directory of one area
        return self.path.resolve().parent.name

    def expect(self):
        file = self.path / "expect.json"
        if not file.exists():
            return None
        return json.loads(file.read_text("utf-8"))


def missing_marks(case):
    """The marks of a case that this machine cannot satisfy."""
    lacking = []
    for mark in case.marks:
        if mark == "needs-root":
            if os.geteuid() != 0:
                lacking.append(mark)
        elif mark.startswith("needs-") and shutil.which(mark[len("needs-") :]) is None:
            lacking.append(mark)
    return lacking
