"""A repository of Debian packages that are made on the spot: `trial-one` 1.0 and 1.1, `trial-two` that needs it, …"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

PACKAGES = (
    ("trial-one", "1.0", ""),
    ("trial-one", "1.1", ""),
    ("trial-two", "2.0", "trial-one"),
    ("trial-three", "1:3.0", ""),
)


def make_repository(directory: Path, packages: tuple[tuple[str, str, str], ...] = PACKAGES) -> Path:
    """A repository that apt can read, in `directory`: of each package name, version and what it needs."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("needs dpkg-deb")
    index = []
    for name, version, needs in packages:
        file = directory / f"{name}_{version.rpartition(':')[2]}_all.deb"
        control = _build(file, name, version, needs)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        index.append(f"{control}Filename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {digest}\n")
    (directory / "Packages").write_text("\n".join(index))
    return directory


def use_only(repository: Path) -> None:
    """Let apt know this repository and no other. For a throw-away root."""
    Path("/etc/apt/sources.list").write_text(f"deb [trusted=yes] file:{repository} ./\n")
    shutil.rmtree("/etc/apt/sources.list.d", ignore_errors=True)
    Path("/etc/apt/sources.list.d").mkdir()
    # Images for containers turn translations off, and what apt tells depends on it; the user that apt otherwise
    # fetches as may not enter the directories of the tests.
    Path("/etc/apt/apt.conf.d/zz-trial").write_text(
        '#clear Acquire::Languages;\nAcquire::Languages {"en";};\nAPT::Sandbox::User "root";\n'
    )
    done = subprocess.run(["apt-get", "-q", "update"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _build(file: Path, name: str, version: str, needs: str) -> str:
    control = (
        f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\n"
        + (f"Depends: {needs}\n" if needs else "")
        + "Section: misc\nPriority: optional\nHomepage: http://example.com\nDescription: trial package\n longer text\n"
    )
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        root.chmod(0o755)
        for path, text in {
            "DEBIAN/control": control,
            "DEBIAN/conffiles": f"/etc/{name}.conf\n",
            f"etc/{name}.conf": f"version {version}\n",
            f"usr/share/doc/{name}/version": f"{version}\n",
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", root, file], check=True, capture_output=True)
    return control
