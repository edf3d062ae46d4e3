# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module host_info: a node that is a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={"devices": {"type": "list", "elements": "str"}}, supports_check_mode=True)
    node = json.loads((Path(os.environ["STUB_NODE"]) / "node.json").read_text())
    module.exit_json(changed=False, machine_id=node["machine_id"], boot_id=node["boot_id"], nics=[], arp_ignore=[])


if __name__ == "__main__":
    main()
