# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module probe_endpoint: notes what is made and removed, and answers as the module does."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "default": "present"},
            "lifetime": {"type": "int", "default": 600},
            "endpoints": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    present = module.params["state"] == "present"
    if present and not module.params["endpoints"]:
        module.fail_json(msg="endpoints: is empty; name at least one endpoint")
    keys = [item["key"] for item in module.params["endpoints"]]
    with (folder.parent / "calls").open("a") as stream:
        stream.write("%s %s\n" % (folder.name, "probe " + " ".join(keys) if present else "unprobe"))
    number = 10 + int("".join(filter(str.isdigit, folder.name)))
    links = {}
    if (folder / "node.json").exists():
        links = json.loads((folder / "node.json").read_text())["links"]
    found = []
    for item in module.params["endpoints"] if present else []:
        own = "device" in item
        found.append(
            {
                "key": item["key"],
                "namespace": None if own else "hnprobe-%s-%s" % (module.params["name"], item["key"]),
                "device": item["device"] if own else "eth0",
                "address": "192.0.2.%d" % number if own else item["address"].partition("/")[0],
                "mtu": links.get(item["device"] if own else item.get("bridge", "mgmt-br"), 9000),
                "made": [],
            }
        )
    if present and case.get("lost_probing"):
        (folder / "away").touch()
    module.exit_json(changed=True, endpoints=found, expires=None, removed=[], kept=[], rearmed=False)


if __name__ == "__main__":
    main()
