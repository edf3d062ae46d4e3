# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module reboot_gate_info: it holds unless the test wrote down what it waits for, and logs its call."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(
        argument_spec={
            **spec,
            "nodes": {"type": "list", "elements": "str", "default": []},
            "boot_ids": {"type": "dict", "default": {}},
            "cordoned": {"type": "list", "elements": "str", "default": []},
            "gates": {"type": "list", "elements": "str", "default": []},
            "wait": {"type": "bool"},
            "wait_timeout": {"type": "int"},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_CLUSTER"])
    found = json.loads((folder / "cluster.json").read_text())
    seen = {"boot_ids": {}, "gates": [], "vip": found.get("vip", ""), "vip_holder": found.get("vip_holder", "")}
    if module.params["gates"] == ["vip"]:
        module.exit_json(changed=False, **seen)
    boots = ",".join("%s=%s" % item for item in sorted(module.params["boot_ids"].items()))
    some = " " + ",".join(module.params["gates"]) if module.params["gates"] else ""
    asked = "%s|%s%s" % (",".join(module.params["nodes"]), boots, some)
    with (folder / "calls").open("a") as stream:
        stream.write("cluster gates %s\n" % asked)
    missing = found.get("gates")
    if missing and boots:
        module.fail_json(msg=missing)
    if asked in found.get("refused", {}):
        module.fail_json(msg=found["refused"][asked])
    module.exit_json(changed=False, **seen)


if __name__ == "__main__":
    main()
