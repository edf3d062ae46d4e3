# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that make one VM out of the common image: a tar on a second drive, unpacked before systemd starts."""

from __future__ import annotations

import io
import pathlib
import tarfile

from lab import layout
from lab.layout import Node

STATE = "usr/local/.state/etc-NetworkManager.bind"

NM_CONF = """[main]
no-auto-default=*

[keyfile]
unmanaged-devices=interface-name:oob0;interface-name:veth*;interface-name:flannel.*

[logging]
level=INFO
"""


def files(node: Node, plan: str, role: str = "node") -> dict[str, tuple[str, int]]:
    """Path to text and mode of everything that is this VM's own."""
    found = {
        "etc/hostname": (f"{node.name if role == 'node' else role}\n", 0o644),
        "etc/lab/env": (environment(node, plan, role), 0o644),
        f"{STATE}/conf.d/10-lab.conf": (NM_CONF, 0o644),
        f"{STATE}/NetworkManager.conf": ("[main]\nplugins=keyfile\n", 0o644),
    }
    for number, name in enumerate(("oob0", *node.nics)):
        # Bonds and VLANs take a NIC's MAC over: the driver keeps the name with the NIC.
        link = f"[Match]\nMACAddress={node.mac(number)}\nType=ether\nDriver=virtio_net\n\n[Link]\nName={name}\n"
        found[f"etc/systemd/network/10-{name}.link"] = (link, 0o644)
    if role == "node":
        for name, text in layout.profiles(node, plan).items():
            found[f"{STATE}/system-connections/{name}"] = (text, 0o600)
    return found


def environment(node: Node, plan: str, role: str) -> str:
    """What the image's own units want to know, for a shell to read."""
    values = {
        "ROLE": role,
        "INDEX": node.index,
        "OOB": f"{node.oob}/24" if role == "node" else f"{layout.OOB}.{node.index}/24",
        "LAYOUT": plan,
        "DEVICE": layout.device(plan),
        "GATEWAY": layout.gateway(plan),
        "VLAN": layout.PRIMARY_VLAN,
        "VLAN_NET": layout.VLAN_NET,
        "FLAT_NET": layout.FLAT_NET,
        "BEYOND": layout.BEYOND,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def write(path: pathlib.Path, node: Node, plan: str, role: str = "node") -> None:
    """Write the drive of a VM."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (text, mode) in files(node, plan, role).items():
            data = text.encode()
            item = tarfile.TarInfo(name)
            item.size, item.mode = len(data), mode
            archive.addfile(item, io.BytesIO(data))
