# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module node_drain: notes its call, and fails for the nodes and states that the test wrote down."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups node state allow_running_vms wait_timeout"
)


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    folder = Path(os.environ["STUB_CLUSTER"])
    node, state = module.params["node"], module.params["state"]
    with (folder / "calls").open("a") as stream:
        stream.write("cluster %s %s\n" % (state, node))
    failures = json.loads((folder / "cluster.json").read_text()).get("drains", {})
    if node + " " + state in failures:
        module.fail_json(msg=failures[node + " " + state])
    module.exit_json(changed=True, cordoned_by="this_call")


if __name__ == "__main__":
    main()
