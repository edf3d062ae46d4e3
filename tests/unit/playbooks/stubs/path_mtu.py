# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module path_mtu: proves every path but those of the case (``unproved``: status by name of the path)."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "dict", "required": True},
            "count": {"type": "int", "default": 3},
            "legs": {"type": "bool", "default": False},
            "legs_up": {"type": "int"},
            "bond": {"type": "str", "default": "mgmt-bo"},
            "legs_timeout": {"type": "int", "default": 0},
            "fail_unproved": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    folder = Path(os.environ["STUB_NODE"])
    case = json.loads((folder / "case.json").read_text())
    names = [path["name"] for path in module.params["paths"]]
    with (folder.parent / "calls").open("a") as stream:
        stream.write("%s paths %s\n" % (folder.name, ", ".join(names)))
    if case.get("blind"):
        module.fail_json(msg="the stub cannot send")
    paths = []
    for path in module.params["paths"]:
        status = case.get("unproved", {}).get(path["name"], "proved")
        largest = {"proved": path["mtu"], "no_path": None}.get(status, 1500)
        paths.append(dict(path, status=status, largest=largest, why="%s: %s" % (path["peer"], status)))
    legs = case.get("legs", []) if module.params["legs"] else []
    proved = all(path["status"] == "proved" for path in paths)
    if module.params["fail_unproved"] and not proved:
        module.fail_json(msg="not proved", paths=paths)
    module.exit_json(changed=False, proved=proved, packets=len(paths), paths=paths, legs=legs)


if __name__ == "__main__":
    main()
