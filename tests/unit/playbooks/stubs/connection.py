# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to a node that is a folder: modules run here, facts and boots are played, sessions can be cut."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = r"""
name: node
short_description: play a node
description: For tests.
author: The harvester.network authors (@harvester-network)
extends_documentation_fragment: [connection_pipelining]
options:
  folder:
    description: Folder of the node.
    vars: [{name: stub_folder}]
"""

FACTS = """os_name=Harvester v1.8.2
harvester_version=v1.8.2
found=/usr/bin/python3 3.13.5
networkmanager=yes
wicked=no
mgmt_state=100 (connected)
findmnt={"filesystems": [{"target":"/etc/NetworkManager","source":"x","fstype":"ext4","options":"rw"}]}
vlan_id=2017
"""

# Harvester 1.6 has no Python that modules take. %s: what ip says of its links.
OLD = """os_name=Harvester v1.6.1
harvester_version=v1.6.1
found=/usr/bin/python3 3.6.15
networkmanager=no
wicked=yes
links=%s
vlans=[]
findmnt=
vlan_id=0
"""


class Connection(Local):
    transport = "harvester.network.node"
    has_pipelining = True

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        folder = Path(self.get_option("folder"))
        case = json.loads((folder / "case.json").read_text())
        if (folder / "away").exists():
            raise AnsibleConnectionFailure("no route to the stub")
        if "harvester_version=" in cmd:
            facts = FACTS.replace("v1.8.2", case.get("release", "v1.8.2"))
            return 0, (OLD % case["old"] if "old" in case else facts).encode(), b""
        if "old" in case:
            raise AnsibleConnectionFailure("a module was sent to a node without Python")
        if "random/boot_id" in cmd:
            return 0, f"{boot_id(folder)}\n".encode(), b""
        if "shutdown -r" in cmd:
            with (folder.parent / "calls").open("a") as stream:
                stream.write(f"{folder.name} boot\n")
            if not case.get("stuck"):
                (folder / "booted").touch()
                boot(folder / "node.json")
            return 0, b"", b""
        os.environ["STUB_NODE"] = str(folder)
        before = (folder / "done").exists()
        waited = (folder / "armed").exists()
        found = super().exec_command(cmd, in_data, sudoable)
        if case.get("cut") and (folder / "done").exists() and not before:
            if case["cut"] == "for good":
                (folder / "away").touch()
            raise AnsibleConnectionFailure("the stub's session was cut")
        if case.get("answer_lost") and waited and not (folder / "armed").exists():
            raise AnsibleConnectionFailure("the stub's answer was lost")
        return found


def boot_id(folder: Path) -> str:
    """A node whose state is a file says its own."""
    if (folder / "node.json").exists():
        return str(json.loads((folder / "node.json").read_text())["boot_id"])
    return "new" if (folder / "booted").exists() else "old"


def boot(state: Path) -> None:
    """The kernel of such a node has what its profiles say, and what others make on top of that."""
    if not state.exists():
        return
    node = json.loads(state.read_text())
    bridge = node["profiles"]["bridge-mgmt"] or 1500
    addressed = node["profiles"].get("vlan-mgmt", bridge) or 1500
    mtus = {"mgmt-bo": node["profiles"]["bond-mgmt"] or 1500, "mgmt-br": bridge, "mgmt-br.2017": addressed}
    mtus.update({"mgmt-br.2030": bridge, "flannel.1": addressed - 50})
    links = {name: mtus.get(name, mtu) for name, mtu in node["links"].items()}
    state.write_text(json.dumps({**node, "boot_id": str(uuid.uuid4()), "links": links}))
