# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module host_info: a node of the cluster with one NIC, and what its case says."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={"devices": {"type": "list", "elements": "str"}}, supports_check_mode=True)
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    nic = {"name": "eno1", "driver": "stub", "carrier": True, "duplex": "full", "speed": 1000, "max_mtu": 9710}
    module.exit_json(
        changed=False,
        machine_id=case.get("machine_id", folder.name),
        boot_id="new" if (folder / "booted").exists() else "old",
        nics=[nic | {"controller": "mgmt-bo"}],
        arp_ignore=case.get("arp_ignore", []),
    )


if __name__ == "__main__":
    main()
