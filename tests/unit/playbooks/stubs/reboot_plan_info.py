# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module reboot_plan_info: the plan that the test wrote down, for the nodes that are asked for."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups guest_clusters_paused"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(
        argument_spec={
            **spec,
            "nodes": {"type": "list", "elements": "str"},
            "non_migratable_vms": {"type": "str"},
            "stopped_vms": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_CLUSTER"])
    found = json.loads((folder / "cluster.json").read_text()).get("plan", [])
    vms = []
    for vm in found:
        if vm["node"] not in module.params["nodes"] or vm["reference"] in module.params["stopped_vms"]:
            continue
        fixed = vm["action"] == "refuse" and module.params["non_migratable_vms"] == "stop"
        vms.append({**vm, "action": "stop", "start": "after_uncordon"} if fixed else vm)
    refused = ["VM '%s' on node '%s'" % (vm["reference"], vm["node"]) for vm in vms if vm["action"] == "refuse"]
    module.exit_json(changed=False, vms=vms, refused=refused)


if __name__ == "__main__":
    main()
