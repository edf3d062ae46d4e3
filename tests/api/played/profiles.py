# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module profiles: MTUs of profiles and devices of a node that is a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DEVICES = {"bond-mgmt": "mgmt-bo", "bridge-mgmt": "mgmt-br", "vlan-mgmt": "mgmt-br.2017"}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "profiles": {"type": "list", "elements": "dict", "required": True},
            "apply": {"type": "str"},
            "commit_confirm": {"type": "bool", "default": False},
            "confirm_timeout": {"type": "int"},
            "confirm_owner": {"type": "str"},
            "mtu_max": {"type": "int"},
            "vlan_filter_limit": {"type": "int"},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    node = json.loads((folder / "node.json").read_text())
    actions, devices = [], []
    boots, live = False, module.params["apply"] != "reboot"
    for item in module.params["profiles"]:
        name, mtu = item["id"], item["mtu"]
        mtu = None if mtu is None else int(mtu)
        same = (node["profiles"][name] or 1500) == (mtu or 1500)
        before, after = ({"id": name, **({} if one is None else {"mtu": one})} for one in (node["profiles"][name], mtu))
        actions.append({"id": name, "action": "unchanged" if same else "changed", "before": before, "after": after})
        differs = node["links"][DEVICES[name]] != (mtu or 1500)
        boots = boots or (differs and not live)
        if not same:
            node["profiles"][name] = mtu
        if differs and live:
            devices.append({"name": DEVICES[name], "how": "kernel", "why": "MTU"})
            node["links"][DEVICES[name]] = mtu or 1500
    changed = bool(devices) or any(item["action"] != "unchanged" for item in actions)
    if changed and not module.check_mode:
        if module.params["commit_confirm"]:
            (folder / "node.json.before").write_bytes((folder / "node.json").read_bytes())
            (folder / "armed").write_text(module.params["confirm_owner"] or "")
        (folder / "node.json").write_text(json.dumps(node))
        with (folder.parent / "calls").open("a") as stream:
            shown = " ".join("%s=%s" % (item["id"], item["mtu"]) for item in module.params["profiles"])
            stream.write("%s %s\n" % (folder.name, shown))
    module.exit_json(
        changed=changed,
        profiles=actions,
        devices=devices,
        diff=[],
        reboot_required=boots,
        reboot_reasons=["MTU"] if boots else [],
        restored=[],
        warnings_found=[],
        earlier_change="none",
        checkpoint={"id": "c1"} if (folder / "armed").exists() else {},
    )


if __name__ == "__main__":
    main()
