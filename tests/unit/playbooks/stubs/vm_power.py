# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module vm_power: notes its call, and answers what the test wrote down for mode, or mode and state."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups state cluster_networks pod_network namespaces labels names node all_vms vms schedules cordoned"
    " paused_vms busy_vms guest_clusters_paused min_grace force window infrastructure_vms order order_label start_batch"
    " canary cordon gone accepted gone_nodes non_migratable_vms wait_timeout check_timeout"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    folder = Path(os.environ["STUB_CLUSTER"])
    given = {
        name: module.params[name]
        for name in ("vms", "cluster_networks", "names", "node", "gone", "accepted", "gone_nodes")
        if module.params[name]
    }
    with (folder / "calls").open("a") as stream:
        mode = "check" if module.check_mode else "write"
        stream.write("cluster power %s %s %s\n" % (module.params["state"], mode, json.dumps(given, sort_keys=True)))
    answers = json.loads((folder / "power.json").read_text())
    answer = answers.get("%s %s" % (mode, module.params["state"]), answers[mode])
    if answer.get("msg"):
        module.fail_json(**answer)
    module.exit_json(changed=True, **answer)


if __name__ == "__main__":
    main()
