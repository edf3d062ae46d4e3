# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module reach_info: the gateway and every peer answer; ``deaf`` (case): not while the change is there."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "targets": {"type": "list", "elements": "dict", "default": []},
            "peers": {"type": "list", "elements": "str", "default": []},
            "earlier": {"type": "list", "elements": "dict"},
            "discover": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    names = ["gateway"] + ["node " + peer for peer in module.params["peers"]]
    if module.params["earlier"] is not None:
        names = [item["name"] for item in module.params["earlier"]]
    deaf = case.get("deaf") and (folder / "done").exists()
    targets = [{"name": name, "reached": not deaf, "why": "no answer" if deaf else ""} for name in names]
    for target in targets:
        target.update(kind="ping", address="")
    # Name servers of the node.
    targets += [{"name": "name server", "kind": "dns", "address": address} for address in case.get("servers", ())]
    if module.params["discover"]:
        with (folder.parent / "calls").open("a") as stream:
            stream.write("%s reach %s\n" % (folder.name, ", ".join(names)))
    module.exit_json(
        changed=False,
        targets=targets,
        missing=["%s (no answer)" % name for name in names] if deaf else [],
        address="192.0.2.%s" % "".join(filter(str.isdigit, folder.name)),
    )


if __name__ == "__main__":
    main()
