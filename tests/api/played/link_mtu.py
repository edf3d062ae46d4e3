# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module link_mtu: MTUs of devices of a node that is a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={"links": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True
    )
    folder = Path(os.environ["STUB_NODE"])
    node = json.loads((folder / "node.json").read_text())
    found = []
    for link in module.params["links"]:
        found.append({"name": link["name"], "before": node["links"][link["name"]], "after": int(link["mtu"])})
        node["links"][link["name"]] = int(link["mtu"])
    changed = any(link["before"] != link["after"] for link in found)
    if changed and not module.check_mode:
        (folder / "node.json").write_text(json.dumps(node))
        with (folder.parent / "calls").open("a") as stream:
            stream.write("%s %s\n" % (folder.name, " ".join("%s=%s" % (one["name"], one["after"]) for one in found)))
    module.exit_json(changed=changed, links=found)


if __name__ == "__main__":
    main()
