# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes are: names, NICs, addresses, and NetworkManager profiles as Harvester 1.8 writes them.

Source of the profiles: Harvester's installer templates (nm-bond-master, nm-bond-slave, nm-bridge, nm-vlan), unchanged
from v1.7.0 to v1.9. No uuid line, mode 0600, the VLAN profile without interface-name, ``mtu`` only when one was given.
"""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from typing import Literal

LayoutName = Literal["vlan", "untagged"]
SshPath = Literal["oob", "mgmt"]

PRIMARY_VLAN = 2017
VM_VLAN = 100
HNC_VLAN = 2030
MAX_MTU = 9000
"""Bytes; what the switch passes by default."""

OOB_NETWORK = "10.99.0"
MGMT_NETWORK = "10.217.0"
GATEWAY = f"{MGMT_NETWORK}.1"
BEYOND_ADDRESS = "10.218.0.2"
"""An address behind the router."""
BEYOND_ROUTER = "10.218.0.1"
HARVESTER_VERSION = "v1.8.2"
OOB_MAC, GATEWAY_MAC = "52:54:00:ff:00:01", "52:54:00:ff:00:02"
"""Of the lab's ends, the same in every lab: nodes of a saved state have them in their neighbour tables."""


@dataclass(frozen=True)
class NodeSpec:
    """One node. ``nics`` are the kernel's names of uplinks u1 to u4; the first two are ports of the mgmt bond."""

    name: str
    number: int
    group: str
    nics: tuple[str, str, str, str]
    method: Literal["static", "dhcp"]
    mtu: int | None
    """The ``mtu`` line of the profiles in bytes; None: no such line, as after an installation with MTU 0."""

    @property
    def oob_address(self) -> str:
        return f"{OOB_NETWORK}.{10 + self.number}"

    @property
    def mgmt_address(self) -> str:
        return f"{MGMT_NETWORK}.{10 + self.number}"

    @property
    def vm_address(self) -> str:
        return f"10.100.0.{self.number}"

    @property
    def vip_address(self) -> str:
        return f"{MGMT_NETWORK}.{200 + self.number}"

    @property
    def bond_ports(self) -> tuple[str, str]:
        return self.nics[:2]

    def mac(self, port: int) -> str:
        """MAC of uplink ``port`` (1 to 4), 0: the out-of-band NIC. The fourth byte says the group (NIC names)."""
        return f"52:54:00:{GROUPS.index(self.group) + 10:02x}:{self.number:02x}:{port:02x}"


RACK_A = "harvester_rack_a"
RACK_B = "harvester_rack_b"
GROUPS = (RACK_A, RACK_B)
NIC_NAMES: dict[str, tuple[str, str, str, str]] = {
    RACK_A: ("eno1", "eno2", "eno3", "eno4"),
    RACK_B: ("ens3f0", "ens3f1", "ens3f2", "ens3f3"),
}
NODES: tuple[NodeSpec, ...] = (
    NodeSpec("node1", 1, RACK_A, NIC_NAMES[RACK_A], "static", 1500),
    NodeSpec("node2", 2, RACK_A, NIC_NAMES[RACK_A], "static", 1500),
    NodeSpec("node3", 3, RACK_B, NIC_NAMES[RACK_B], "dhcp", None),
)
UPLINKS = ("u1", "u2", "u3", "u4")


def node_spec(name: str) -> NodeSpec:
    """The node of that name. Raises KeyError."""
    return {spec.name: spec for spec in NODES}[name]


def addressed_device(layout: LayoutName) -> str:
    """The kernel's name of the device that carries the node's address."""
    return f"mgmt-br.{PRIMARY_VLAN}" if layout == "vlan" else "mgmt-br"


def link_files() -> dict[str, str]:
    """systemd .link files that name NICs by MAC; and by driver, else bonds that take a MAC over are renamed too."""
    files: dict[str, str] = {}
    for group, names in NIC_NAMES.items():
        kind = GROUPS.index(group) + 10
        for port, name in enumerate(names, start=1):
            macs = " ".join(f"52:54:00:{kind:02x}:{number:02x}:{port:02x}" for number in range(1, 10))
            files[f"10-{name}.link"] = (
                f"[Match]\nMACAddress={macs}\nType=ether\nDriver=virtio_net\n[Link]\nName={name}\n"
            )
    macs = " ".join(f"52:54:00:{kind:02x}:{number:02x}:00" for kind in (10, 11) for number in range(1, 10))
    files["10-oob0.link"] = f"[Match]\nMACAddress={macs}\nType=ether\nDriver=virtio_net\n[Link]\nName=oob0\n"
    return files


def _keyfile(*sections: tuple[str, list[str]]) -> str:
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections if lines)


def profiles(spec: NodeSpec, layout: LayoutName) -> dict[str, str]:
    """File name to keyfile text of the node's profiles."""
    ethernet = ("ethernet", [f"mtu={spec.mtu}"] if spec.mtu else [])
    vlan = layout == "vlan"
    if spec.method == "dhcp":
        addressing = ["method=auto"]
    else:
        addressing = [f"dns={GATEWAY};", "method=manual", f"address1={spec.mgmt_address}/24,{GATEWAY}"]
    no_ipv6 = ("ipv6", ["method=disabled"])
    vids = f",{PRIMARY_VLAN}" if vlan else ""
    bridge = ["forward-delay=0", "stp=false", "vlan-filtering=true", "vlan-default-pvid=1"]
    files = {
        "bond-mgmt": _keyfile(
            (
                "connection",
                ["id=bond-mgmt", "type=bond", "interface-name=mgmt-bo", "master=mgmt-br", "slave-type=bridge"],
            ),
            ethernet,
            ("bond", ["miimon=100", "mode=active-backup"]),
            ("bridge-port", [f"vlans=1 pvid untagged{vids}"]),
        ),
        "bridge-mgmt": _keyfile(
            ("connection", ["id=bridge-mgmt", "type=bridge", "interface-name=mgmt-br"]),
            ethernet,
            ("bridge", [*bridge, f"vlans={PRIMARY_VLAN}"] if vlan else bridge),
            ("ipv4", ["method=disabled"] if vlan else addressing),
            no_ipv6,
        ),
    }
    for nic in spec.bond_ports:
        files[f"bond-slave-{nic}"] = _keyfile(
            (
                "connection",
                [f"id=bond-slave-{nic}", "type=ethernet", f"interface-name={nic}", "master=mgmt-bo", "slave-type=bond"],
            ),
        )
    if vlan:
        files["vlan-mgmt"] = _keyfile(
            ("connection", ["id=vlan-mgmt", "type=vlan"]),
            ethernet,
            ("vlan", ["flags=1", f"id={PRIMARY_VLAN}", "parent=mgmt-br"]),
            ("ipv4", addressing),
            no_ipv6,
        )
    return {f"{name}.nmconnection": text for name, text in files.items()}


def node_environment(spec: NodeSpec, layout: LayoutName) -> dict[str, str]:
    """Variables of the node's own units (/etc/lab/node.env)."""
    number = spec.number
    return {
        "NODE": spec.name,
        "ADDRESSED_DEVICE": addressed_device(layout),
        "OOB_ADDRESS": f"{spec.oob_address}/24",
        "GATEWAY": GATEWAY,
        "VM_VLAN": str(VM_VLAN),
        "VM_ADDRESS": f"{spec.vm_address}/24",
        "VM_MAC": f"52:54:00:64:{number:02x}:01",
        # the highest of MACs: a bridge takes its lowest port's, and this one is not to be it
        "VM_PORT_MAC": f"fe:54:00:64:{number:02x}:01",
        "HNC_VLAN": str(HNC_VLAN),
        "HNC_ADDRESS": f"10.30.0.{number}/24",
        "VIP_ADDRESS": f"{spec.vip_address}/32",
        "FOREIGN_ROUTE": "192.0.2.0/24",
        "FLANNEL_ADDRESS": f"10.42.{number}.0/32",
        "FLANNEL_MAC": f"fe:54:00:42:{number:02x}:01",
    }


def harvester_config(spec: NodeSpec, layout: LayoutName) -> str:
    """/oem/harvester.config as the installer leaves it (YAML; JSON is YAML): the network part only."""
    static = {"ip": spec.mgmt_address, "subnet_mask": "255.255.255.0", "gateway": GATEWAY}
    interface = {
        "interfaces": [{"name": nic, "hwAddr": spec.mac(port)} for port, nic in enumerate(spec.bond_ports, start=1)],
        "method": spec.method,
        **(static if spec.method == "static" else {}),
        "bond_options": {"mode": "active-backup", "miimon": "100"},
        "mtu": spec.mtu or 0,
        "vlan_id": PRIMARY_VLAN if layout == "vlan" else 0,
    }
    return json.dumps({"install": {"management_interface": interface}}, indent=2) + "\n"


def seed(spec: NodeSpec, layout: LayoutName) -> bytes:
    """The node's own files as a tar archive, the same bytes for the same input."""
    release = f"harvester: {HARVESTER_VERSION}\nos: Harvester {HARVESTER_VERSION}\n"
    environment = "".join(f"{key}='{value}'\n" for key, value in node_environment(spec, layout).items())
    files: dict[str, tuple[str, int]] = {
        "etc/hostname": (f"{spec.name}\n", 0o644),
        "etc/hosts": (f"127.0.0.1 localhost\n127.0.1.1 {spec.name}\n", 0o644),
        "etc/harvester-release.yaml": (release, 0o644),
        "etc/lab/node.env": (environment, 0o644),
        "oem/harvester.config": (harvester_config(spec, layout), 0o600),
    }
    for name, text in profiles(spec, layout).items():
        files[f"etc/NetworkManager/system-connections/{name}"] = (text, 0o600)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (text, mode) in sorted(files.items()):
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
