# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module profile_info: a bond, an address, a boot id."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    booted = (folder / "booted").exists()
    address = {"address": "192.0.2.11/24", "managed": True, "scope": "global"}
    lost = booted and case.get("lost")
    module.exit_json(
        changed=False,
        boot_id="new" if booted else "old",
        links=[
            {"name": "mgmt-bo", "addresses": [], "bond": {"ports": [{"mii_status": "up"}]}},
            {"name": "mgmt-br", "addresses": [] if lost else [address], "bond": None},
        ],
    )


if __name__ == "__main__":
    main()
