"""Which hypervisor or container a host runs in, from clues that are read elsewhere."""

from __future__ import annotations

from typing import NamedTuple


class Clues(NamedTuple):
    """What tells a host's kind: texts are empty where there is no such file.

    `container` is the environment variable of that name of process 1 (systemd's container interface), `cgroup` is
    `/proc/1/cgroup`, `vendor` and `product` are of DMI, `hypervisor` is `/sys/hypervisor/type`, `xen_capabilities`
    `/proc/xen/capabilities`, `cpu_flags` the flags of the first processor. `dockerenv`, `containerenv` and `openvz` say
    that `/.dockerenv`, `/run/.containerenv`, and `/proc/vz` without `/proc/bc` exist.
    """

    container: str = ""
    cgroup: str = ""
    dockerenv: bool = False
    containerenv: bool = False
    openvz: bool = False
    vendor: str = ""
    product: str = ""
    hypervisor: str = ""
    xen_capabilities: str = ""
    cpu_flags: tuple[str, ...] = ()


_CONTAINERS = {
    "docker": "Docker",
    "podman": "Podman",
    "lxc": "LXC",
    "lxc-libvirt": "LXC",
    "systemd-nspawn": "systemd-nspawn",
    "oci": "Docker",
}
_CGROUP_WORDS = (("docker", "Docker"), ("kubepods", "Docker"), ("libpod", "Podman"), ("/lxc", "LXC"))
# The first word that stands in "vendor product" decides.
_MACHINES = (
    ("VMware", "VMware"),
    ("VirtualBox", "VirtualBox"),
    ("innotek", "VirtualBox"),
    ("Parallels", "Parallels"),
    ("oVirt", "kvm"),
    ("Microsoft Corporation Virtual Machine", "VirtualPC"),
    ("Amazon EC2", "Nitro"),
    ("Google", "gce"),
    ("OpenStack", "kvm"),
    ("Nutanix", "kvm"),
    ("DigitalOcean", "kvm"),
    ("Hetzner", "kvm"),
    ("KVM", "kvm"),
    ("Bochs", "kvm"),
    ("QEMU", "kvm"),
    ("HVM domU", "xen"),
    ("Xen", "xen"),
    ("BHYVE", "bhyve"),
)


def detect(clues: Clues) -> dict[str, str]:
    """The grains `virtual` and, where something more is known, `virtual_subtype`, in Salt's words."""
    if kind := _container(clues):
        return kind
    if clues.hypervisor == "xen" or clues.xen_capabilities:
        return _xen(clues)
    machine = f"{clues.vendor} {clues.product}"
    for word, name in _MACHINES:
        if word in machine:
            return {"virtual": name, "virtual_subtype": "ovirt"} if word == "oVirt" else {"virtual": name}
    return {"virtual": "kvm" if "hypervisor" in clues.cpu_flags and not machine.strip() else "physical"}


def _container(clues: Clues) -> dict[str, str] | None:
    if clues.openvz:
        return {"virtual": "openvzve"}
    kind = _CONTAINERS.get(clues.container) or ("Podman" if clues.containerenv else "")
    kind = kind or next((name for word, name in _CGROUP_WORDS if word in clues.cgroup), "")
    kind = kind or ("Docker" if clues.dockerenv else "") or clues.container
    return {"virtual": "container", "virtual_subtype": kind} if kind else None


def _xen(clues: Clues) -> dict[str, str]:
    if "control_d" in clues.xen_capabilities:
        return {"virtual": "xen", "virtual_subtype": "Xen Dom0"}
    kind = "Xen HVM DomU" if "HVM" in clues.product else "Xen PV DomU"
    return {"virtual": "xen", "virtual_subtype": kind}
