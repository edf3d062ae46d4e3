# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module profiles: keeps a node's state in a file, notes its calls, does what the case wants."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "profiles": {"type": "list", "elements": "dict", "default": []},
            "apply": {"type": "str", "default": "live"},
            "commit_confirm": {"type": "bool", "default": False},
            "confirm_timeout": {"type": "int", "default": 300},
            "confirm_owner": {"type": "str", "default": ""},
            "mtu_max": {"type": "int"},
            "vlan_filter_limit": {"type": "int"},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    done = folder / "done"
    kind = "check" if module.check_mode else module.params["apply"]
    with (folder.parent / "calls").open("a") as stream:
        stream.write(f"{folder.name} {kind}\n")
    wanted = case.get("wanted", True) and not done.exists()
    reboot = (case.get("reboot", False) or module.params["apply"] == "reboot") and case.get("wanted", True)
    reboot = reboot and not (folder / "booted").exists()
    if not module.check_mode and case.get("fails"):
        module.fail_json(msg="bond-mgmt: the stub refuses")
    if not module.check_mode and wanted:
        done.touch()
        if module.params["commit_confirm"]:
            (folder / "armed").touch()
        (folder / "profiles.json").write_text(json.dumps(module.params["profiles"]))
        if case.get("hangs"):
            (folder / "case.json").write_text(json.dumps(dict(case, hangs=False)))
            time.sleep(30)
    if case.get("breaks") and done.exists():
        wanted = True
    module.exit_json(
        changed=wanted,
        profiles=[{"id": "bond-mgmt", "action": "changed" if wanted else "unchanged", "before": {}, "after": {}}],
        devices=[{"name": "mgmt-bo", "how": case.get("how", "kernel"), "why": "MTU 1500 to 9000"}] if wanted else [],
        diff=[{"before": "mtu=1500\n", "after": "mtu=9000\n"}] if wanted else [],
        reboot_required=reboot,
        reboot_reasons=["mgmt-bo: the stub"] if reboot else [],
        restored=[],
        warnings_found=[],
        earlier_change="none",
        checkpoint={"id": "c1", "owner": "rancher", "since": "2026-01-01T00:00:00Z", "timeout": 300}
        if (folder / "armed").exists() or case.get("pending_confirm")
        else {},
    )


if __name__ == "__main__":
    main()
