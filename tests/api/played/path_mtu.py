# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module path_mtu: proves every path but those to a node behind a small switch port (node.json).

Or to a node to which less passes (``narrow``: node -> bytes). A node with a file ``mute`` cannot send at all.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

PORTS = ("eno1", "eno2")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "dict", "required": True},
            "count": {"type": "int"},
            "legs": {"type": "bool"},
            "bond": {"type": "str"},
            "legs_up": {"type": "int"},
            "legs_timeout": {"type": "int"},
            "fail_unproved": {"type": "bool"},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    if (folder / "mute").exists():
        module.fail_json(msg="ping is not to be had")
    with (folder.parent / "paths").open("a") as stream:
        for path in module.params["paths"]:
            stream.write("%s %s %d\n" % (folder.name, path["name"], path["mtu"]))
    own = json.loads((folder / "node.json").read_text())
    ports = {one.name: json.loads((one / "node.json").read_text())["port"] for one in folder.parent.glob("node*")}
    legs = []
    # A leg by which less passes than by the node's other ones, where the node has some.
    small = own.get("legs", {})
    if module.params["legs"]:
        down = own.get("down", [])
        wanted = module.params["legs_up"] or len(PORTS)
        if len(PORTS) - len(down) < wanted:
            module.fail_json(msg="bond mgmt-bo: %d of %d ports up" % (len(PORTS) - len(down), wanted))
        for name in PORTS:
            sent = paths(module.params["paths"], ports, folder.name, own, small.get(name, 9216)) if small else []
            state = "down" if name in down else max([path["status"] for path in sent] or ["proved"], key=len)
            legs.append({"port": name, "status": state, "why": state, "was_active": name == PORTS[0], "paths": sent})
    found = paths(module.params["paths"], ports, folder.name, own)
    module.exit_json(changed=False, proved=True, packets=1, paths=found, legs=legs)


def paths(
    asked: list[dict[str, Any]], ports: dict[str, int], node: str, own: dict[str, Any], leg: int = 9216
) -> list[dict[str, Any]]:
    """What passes between the switch ports of two nodes, and by a leg."""
    found = []
    for path in asked:
        peer = path["name"].partition("|")[2]
        largest = min(leg, ports[node], ports[peer], own.get("narrow", {}).get(peer, path["mtu"]))
        status = "proved" if largest >= path["mtu"] else "mtu_too_small"
        found.append(dict(path, status=status, largest=min(largest, path["mtu"]), why=status))
    return found


if __name__ == "__main__":
    main()
