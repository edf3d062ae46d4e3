# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module change_info: the changes that the cluster's file names as open, and one in full."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups namespace state id full"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    cluster = json.loads((Path(os.environ["STUB_CLUSTER"]) / "cluster.json").read_text())
    found = [{"id": name, "runbook": name.partition("-")[2]} for name in cluster.get("open_changes", [])]
    image = Path(os.environ["STUB_CLUSTER"]) / "before.json"
    if module.params["full"] and image.exists():
        vms = {"id": "vms", "role": "harvester.network.vms", "before": json.loads(image.read_text())}
        unbegun = {"id": "hosts", "role": "harvester.network.mgmt_network", "before": None}
        found = [{"id": module.params["id"], "phases": [vms, unbegun]}]
    module.exit_json(changed=False, changes=found)


if __name__ == "__main__":
    main()
