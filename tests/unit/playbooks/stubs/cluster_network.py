# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module cluster_network: writes down the call; ``expect`` of the cluster that the test wrote down."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

OPTIONS = "kubeconfig name state description uplink configs uplink_mtu labels"


def main() -> None:
    module = AnsibleModule(argument_spec={name: {"type": "raw"} for name in OPTIONS.split()}, supports_check_mode=True)
    folder = Path(os.environ["STUB_CLUSTER"])
    kind = "judge" if module.check_mode else "change"
    with (folder / "calls").open("a") as stream:
        stream.write("cluster %s cluster_network %s\n" % (kind, module.params["name"]))
    cluster = json.loads((folder / "cluster.json").read_text())
    module.exit_json(changed=True, objects=[], expect=cluster.get("expect", {}))


if __name__ == "__main__":
    main()
