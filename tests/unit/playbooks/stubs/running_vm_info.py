# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module running_vm_info: the VMs of the case."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    case = json.loads((Path(os.environ["STUB_NODE"]) / "case.json").read_text())
    vms = [
        {"pid": pid, "namespace": guest.partition("_")[0], "name": guest.partition("_")[2], "guest": guest}
        for pid, guest in enumerate(case.get("vms", []), 4711)
    ]
    module.exit_json(changed=False, vms=vms)


if __name__ == "__main__":
    main()
