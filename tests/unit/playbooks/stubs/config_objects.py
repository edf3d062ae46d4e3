# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module config_objects: notes what is put back; nothing is expected of the hosts."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

OPTIONS = "node_labels networks configs vm_networks host_configs restoring wait_timeout gone_nodes kubeconfig"


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in OPTIONS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    with (Path(os.environ["STUB_CLUSTER"]) / "calls").open("a") as stream:
        stream.write("cluster configs %s\n" % " ".join(item["name"] for item in module.params["configs"]))
    module.exit_json(changed=True, expect={}, waited=0)


if __name__ == "__main__":
    main()
