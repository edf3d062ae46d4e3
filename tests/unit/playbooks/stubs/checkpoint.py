# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module checkpoint: a file ``armed`` in the node's folder, with its owner.

Cases: ``late``: too late to confirm; ``deaf``: nothing answers while the change is there; ``waits_after``: looks that
see nothing, before a change of somebody else is there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

STORY = "change 'c1' of this node's profiles, by rancher at 2026-01-01T00:00:00Z, was undone at 2026-01-01T00:05:00Z"


def put_back(before: Path, state: Path) -> None:
    """What others made stays as it is; so does the boot."""
    old, now = json.loads(before.read_text()), json.loads(state.read_text())
    old["links"]["flannel.1"] = now["links"]["flannel.1"]
    state.write_text(json.dumps({**old, "boot_id": now["boot_id"]}))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "default": "gathered"},
            "id": {"type": "str"},
            "timeout": {"type": "int", "default": 300},
            "earlier": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    armed, state = folder / "armed", module.params["state"]
    if state == "gathered" and "waits_after" in case:
        case["waits_after"] -= 1
        case["pending_confirm"] = case["waits_after"] < 0
        (folder / "case.json").write_text(json.dumps(case))
    there = armed.exists() or case.get("pending_confirm", False)
    owner = case.get("owner") or (armed.read_text() if armed.exists() else "") or "rancher"
    names = [item["name"] for item in module.params["earlier"]]
    with (folder.parent / "calls").open("a") as stream:
        if names:
            stream.write("%s reach %s\n" % (folder.name, ", ".join(names)))
        seconds = " %d" % module.params["timeout"] if state == "extended" else ""
        stream.write("%s %s%s\n" % (folder.name, state, seconds))
    if state == "confirmed" and names and case.get("deaf"):
        module.fail_json(msg="not reached any more: " + ", ".join("%s (no answer)" % name for name in names))
    if state == "confirmed" and case.get("late"):
        module.fail_json(msg="it is too late to confirm: " + STORY)
    if state not in ("extended", "gathered") and not module.check_mode:
        before = folder / "node.json.before"
        if state == "restored" and armed.exists() and before.exists():
            put_back(before, folder / "node.json")
        before.unlink(missing_ok=True)
        armed.unlink(missing_ok=True)
        (folder / "case.json").write_text(json.dumps(dict(case, pending_confirm=False)))
    undone = there and state == "restored"
    if undone and not module.check_mode:
        (folder / "done").unlink(missing_ok=True)
    summary = STORY if undone else "change 'c1' waits to be confirmed" if there else ""
    module.exit_json(
        changed=there and state != "gathered",
        checkpoint={"id": "c1", "state": "armed", "owner": owner, "timeout": 300} if there else {},
        story=STORY if undone else "",
        summary=summary,
        leftovers=[],
    )


if __name__ == "__main__":
    main()
