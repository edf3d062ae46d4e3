# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module storage_network: gives the result that the test wrote down; fails when that has ``refused``."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

VALUE = "cluster_network vlan_id range exclude exclusive_vlan recorded".split()
OPTIONS = ["before_vms_stop", "permanent", "allow_v2_volumes", "allow_in_progress"]


def main() -> None:
    spec = {name: {"type": "raw"} for name in ("kubeconfig", "wait_timeout", "gone_nodes", *VALUE)}
    spec.update({name: {"type": "bool", "default": False} for name in OPTIONS})
    module = AnsibleModule(argument_spec={**spec, "state": {"type": "str", "required": True}}, supports_check_mode=True)
    folder = Path(os.environ["STUB_CLUSTER"])
    given = {name: module.params[name] for name in VALUE if module.params[name] is not None}
    words = [module.params["state"], *(name for name in OPTIONS if module.params[name])]
    with (folder / "calls").open("a") as stream:
        kind = "judge" if module.check_mode else "change"
        stream.write("cluster %s %s %s\n" % (kind, " ".join(words), json.dumps(given, sort_keys=True)))
    result = json.loads((folder / "storage.json").read_text())
    if result.get("refused"):
        module.fail_json(msg=result["refused"])
    module.exit_json(changed=not module.check_mode or result.get("changed", True), **result["result"])


if __name__ == "__main__":
    main()
