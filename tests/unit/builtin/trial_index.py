"""A package index of Python packages, made by the test: wheels without anything in them but a version."""

from __future__ import annotations

import zipfile
from pathlib import Path


class TrialIndex:
    """A directory of wheels (`links`), and an index of them (`url`) as pip reads it."""

    def __init__(self, folder: Path) -> None:
        self.links = folder / "wheels"
        self._simple = folder / "simple"
        self.url = self._simple.as_uri()
        self.links.mkdir(parents=True)

    def add(self, name: str, version: str, *requires: str) -> Path:
        plain = name.replace("-", "_")
        wheel = self.links / f"{plain}-{version}-py3-none-any.whl"
        info = f"{plain}-{version}.dist-info"
        described = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        described += "".join(f"Requires-Dist: {one}\n" for one in requires)
        files = {
            f"{plain}.py": f"VERSION = {version!r}\n",
            f"{info}/METADATA": described,
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: trial\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        page = self._simple / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        with page.open("a") as file:
            file.write(f'<a href="{wheel.as_uri()}">{wheel.name}</a><br>\n')
        return wheel
