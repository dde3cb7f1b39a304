"""A repository of RPM packages, and one of pacman's, that are made on the spot, as in `trial_packages`."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from servers import program

PACKAGES = (
    # zypper refuses to work on a system without a C library
    ("glibc", "", "2.36", ""),
    ("trial-one", "", "1.0", ""),
    ("trial-one", "", "1.1", ""),
    ("trial-two", "", "2.0", "trial-one"),
    ("trial-three", "1", "3.0", ""),
)
_SPEC = """\
Name: {name}
Version: {version}
Release: 1
{epoch}
Summary: trial package
License: GPL-2.0
URL: http://example.com
Vendor: Nobody
BuildArch: noarch
{needs}
%description
longer text
of two lines
%install
mkdir -p %{{buildroot}}/etc/trial
echo version {version} > %{{buildroot}}/etc/trial/{name}.conf
%files
%config /etc/trial/{name}.conf
"""


def make_rpm_repository(directory: Path) -> Path:
    program("rpmbuild")
    program("createrepo_c")
    for name, epoch, version, requires in PACKAGES:
        spec = directory / f"{name}.spec"
        spec.write_text(
            _SPEC.format(
                name=name,
                version=version,
                epoch=f"Epoch: {epoch}" if epoch else "",
                needs=f"Requires: {requires}" if requires else "",
            )
        )
        defines = {
            "_topdir": directory / "build",
            "_rpmdir": directory,
            "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        }
        words = [word for key, value in defines.items() for word in ("--define", f"{key} {value}")]
        subprocess.run(["rpmbuild", "-bb", *words, spec], check=True, capture_output=True)
    subprocess.run(["createrepo_c", "--quiet", directory], check=True)
    return directory


def use_system_of_rpms() -> None:
    """Let rpm keep its database where all that use it look. For a throw-away root."""
    Path("/etc/rpm").mkdir(exist_ok=True)
    Path("/etc/rpm/macros").write_text("%_dbpath /var/lib/rpm\n")
    shutil.rmtree("/var/lib/rpm", ignore_errors=True)
    subprocess.run(["rpm", "--initdb"], check=True, capture_output=True)


def use_with_dnf(repository: Path) -> None:
    use_system_of_rpms()
    shutil.rmtree("/etc/yum.repos.d", ignore_errors=True)
    Path("/etc/yum.repos.d").mkdir()
    Path("/etc/yum.repos.d/trial.repo").write_text(
        f"[trial]\nname=Trial repo\nbaseurl=file://{repository}\nenabled=1\ngpgcheck=0\n"
    )


def use_with_zypper(repository: Path) -> None:
    use_system_of_rpms()
    shutil.rmtree("/etc/zypp/repos.d", ignore_errors=True)
    Path("/etc/zypp/repos.d").mkdir(parents=True)
    zypper = ["zypper", "--non-interactive", "--no-gpg-checks"]
    for words in (["addrepo", "--no-gpgcheck", repository, "trial"], ["refresh"], ["install", "glibc"]):
        subprocess.run([*zypper, *words], check=True, capture_output=True)


def make_pacman_repository(directory: Path) -> Path:
    with tarfile.open(directory / "trial.db", "w:gz") as database:
        for name, _, version, requires in PACKAGES[1:]:
            file = _pacman_package(directory, f"pac-{name}", f"{version}-1", f"pac-{requires}" if requires else "")
            if version != "1.0":
                _add(
                    database,
                    f"pac-{name}-{version}-1/desc",
                    _description(file, f"pac-{name}", f"{version}-1", requires),
                )
    return directory


def use_with_pacman(repository: Path) -> None:
    Path("/etc/pacman.conf").write_text(
        f"[options]\nArchitecture = auto\nSigLevel = Never\n[trial]\nServer = file://{repository}\n"
    )
    shutil.rmtree("/var/lib/pacman", ignore_errors=True)
    Path("/var/lib/pacman").mkdir(parents=True)
    subprocess.run(["pacman", "-Sy"], check=True, capture_output=True)


def _pacman_package(directory: Path, name: str, version: str, requires: str) -> Path:
    file = directory / f"{name}-{version}-any.pkg.tar.gz"
    info = f"pkgname = {name}\npkgbase = {name}\npkgver = {version}\npkgdesc = trial\nsize = 20\narch = any\n"
    info += "group = trials\n" + (f"depend = {requires}\n" if requires else "")
    with tarfile.open(file, "w:gz") as package:
        _add(package, ".PKGINFO", info)
        _add(package, f"etc/{name}.conf", f"version {version}\n")
    return file


def _description(file: Path, name: str, version: str, requires: str) -> str:
    data = file.read_bytes()
    fields = {
        "FILENAME": file.name,
        "NAME": name,
        "BASE": name,
        "VERSION": version,
        "DESC": "trial",
        "GROUPS": "trials",
        "CSIZE": str(len(data)),
        "ISIZE": "20",
        "SHA256SUM": hashlib.sha256(data).hexdigest(),
        "ARCH": "any",
        **({"DEPENDS": f"pac-{requires}"} if requires else {}),
    }
    return "".join(f"%{name}%\n{value}\n\n" for name, value in fields.items())


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    if "/" in name:
        parent = tarfile.TarInfo(name.rpartition("/")[0])
        parent.type, parent.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(parent)
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
