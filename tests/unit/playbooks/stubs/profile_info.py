# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module profile_info: the devices of a management network, as the stand-in of profiles left them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

PRIMARY = ["1 pvid untagged", "2017"]
BRIDGE = "mgmt-br"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "profiles": {"type": "list", "elements": "str"},
            "devices": {"type": "list", "elements": "str"},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    booted = (folder / "booted").exists()
    applied = {}
    if (folder / "done").exists():
        applied = {item["id"]: item for item in json.loads((folder / "profiles.json").read_text())}
    lists = {
        "bond-mgmt": ((applied.get("bond-mgmt") or {}).get("bridge_port") or {}).get("vlans") or PRIMARY,
        "bridge-mgmt": ((applied.get("bridge-mgmt") or {}).get("bridge") or {}).get("vlans") or PRIMARY,
    }
    mtu = case.get("mtu", 9000 if applied or not case.get("wanted", True) else 1500)
    number = int("".join(filter(str.isdigit, folder.name)))
    address = {"address": "192.0.2.%d/24" % (10 + number), "managed": True, "scope": "global", "family": "inet"}
    if case.get("addressless") or (booted and case.get("lost")):
        addresses = []
    else:
        addresses = [address]
    if case.get("vip"):
        addresses.append({"address": case["vip"] + "/32", "managed": False, "scope": "global", "family": "inet"})
    bond = {"mode": "active-backup", "ports": [{"name": "eno1", "mii_status": "up"}]}

    def link(name, controller=None, bond=None, addresses=()):
        vid = name.partition(BRIDGE + ".")[2]
        return {
            "name": name,
            "kind": "vlan" if vid else None,
            "parent": BRIDGE if vid else None,
            "vlan_id": int(vid) if vid else None,
            "mtu": mtu,
            "controller": controller,
            "bond": bond,
            "addresses": list(addresses),
            "operstate": "up",
        }

    links = [
        link("eno1", "mgmt-bo"),
        link("mgmt-bo", BRIDGE, bond),
        link(BRIDGE),
        link(BRIDGE + ".2017", addresses=addresses),
    ]
    holders = [name for name, item in applied.items() if item.get("type") == "vlan" and name != "vlan-mgmt"]
    links += [link(name) for name in holders if applied[name].get("state", "present") == "present"]
    module.exit_json(
        changed=False,
        boot_id="new" if booted else "old",
        links=links,
        profiles=[
            {"id": "bond-mgmt", "bridge_port": {"vlans": lists["bond-mgmt"]}},
            {"id": "bridge-mgmt", "bridge": {"vlans": lists["bridge-mgmt"]}},
        ],
        vlans={"mgmt-bo": lists["bond-mgmt"], BRIDGE: lists["bridge-mgmt"]},
        hints={"pending": [] if booted else case.get("pending", []), "stripped": case.get("stripped", [])},
    )


if __name__ == "__main__":
    main()
