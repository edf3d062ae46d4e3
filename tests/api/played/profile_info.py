# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module profile_info: the management network of a node that is a folder, and its further ``devices``.

Where the node's canal was told to be behind (``canal``: how kubectl is called, and the uid of its pod then), it makes
flannel.1 when its pod is another one, as at each of its starts. ``overlay_on``: the device that flannel.1 is on.
``vip``: the virtual address of the cluster, where the node has it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

KINDS = {"mgmt-bo": "bond", "mgmt-br": "bridge", "flannel.1": "vxlan"}
PARENTS = {"mgmt-br.2017": "mgmt-br", "mgmt-br.2030": "mgmt-br"}
CONTROLLERS = {"mgmt-bo": "mgmt-br"}
PORTS = ("eno1", "eno2")
OWNERS = {"mgmt-bo": "bond-mgmt", "mgmt-br": "bridge-mgmt", "mgmt-br.2017": "vlan-mgmt"}


def main() -> None:
    texts = {"type": "list", "elements": "str"}
    module = AnsibleModule(argument_spec={"profiles": texts, "devices": texts}, supports_check_mode=True)
    state = Path(os.environ["STUB_NODE"]) / "node.json"
    node = json.loads(state.read_text())
    address = {"address": node["address"] + "/24", "managed": True, "scope": "global", "family": "inet"}
    virtual = {"address": node.get("vip", "") + "/32", "managed": False, "scope": "global", "family": "inet"}
    addresses = [address, virtual] if "vip" in node else [address]
    # Without a management VLAN the bridge has the address.
    addressed = "mgmt-br.2017" if "mgmt-br.2017" in node["links"] else "mgmt-br"
    if "canal" in node and canal(node["canal"], state.parent.name) not in ("", node["canal"]["uid"]):
        node["links"]["flannel.1"] = node["links"][addressed] - 50
        node = {key: value for key, value in node.items() if key not in ("canal", "overlay_on")}
        state.write_text(json.dumps(node))
    links = [
        {
            "name": name,
            "kind": KINDS.get(name, "vlan"),
            "mtu": mtu,
            "parent": node.get("overlay_on", addressed) if name == "flannel.1" else PARENTS.get(name),
            "controller": CONTROLLERS.get(name),
            "addresses": addresses if name == addressed else [],
            "bond": bond(node) if name == "mgmt-bo" else None,
            "mac": node.get("mac"),
        }
        for name, mtu in node["links"].items()
        if name in (module.params["devices"] or node["links"])
    ]
    links += [link for link in node.get("devices", []) if link["name"] in (module.params["devices"] or [link["name"]])]
    named = {"bond-mgmt": "mgmt-bo", "bridge-mgmt": "mgmt-br"}
    profiles = []
    for name, mtu in node["profiles"].items():
        own = {"interface_name": named[name]} if name in named else {}
        others = node.get("sections", {}).get(name, {})
        profiles.append({"id": name, **own, **({} if mtu is None else {"mtu": mtu}), **others})
    connections = [{"id": owner, "devices": [device]} for device, owner in OWNERS.items() if device in node["links"]]
    vlans = {"mgmt-bo": of_storage(node["kubectl"])} if "kubectl" in node else node.get("vlans", {})
    gateway = {"destination": "default", "family": "inet", "next_hop": node.get("gateway"), "device": addressed}
    routes = [gateway] if gateway["next_hop"] else []
    found = {"links": links, "profiles": profiles, "connections": connections, "vlans": vlans, "routes": routes}
    module.exit_json(changed=False, boot_id=node["boot_id"], **found)


def canal(given: dict[str, Any], node: str) -> str:
    """The uid of canal's pod of a node; empty while there is none that runs."""
    command = [*given["kubectl"], "-n", "kube-system", "get", "pods", "-l", "k8s-app=canal", "-o", "json"]
    items = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["items"]
    uids = [
        item["metadata"]["uid"]
        for item in items
        if item["spec"].get("nodeName") == node and item.get("status", {}).get("phase") == "Running"
    ]
    return uids[0] if uids else ""


def bond(node: dict[str, Any]) -> dict[str, Any]:
    """Its ports, of which the node may have some without a link."""
    ports = [{"name": name, "mii_status": "down" if name in node.get("down", ()) else "up"} for name in PORTS]
    return {"mode": "active-backup", "aggregator": None, "active_port": PORTS[0], "ports": ports}


def of_storage(kubectl: list[str]) -> list[str]:
    """VLAN ids that the agent has put on the bond of mgmt: the storage network's, where it is there."""
    command = [*kubectl, "get", "settings.harvesterhci.io", "storage-network", "-o", "jsonpath={.value}"]
    value = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout or "{}")
    return [str(value["vlan"])] if value.get("clusterNetwork") == "mgmt" else []


if __name__ == "__main__":
    main()
