# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists inventories, a request per line of its input; a process of its own, since Ansible's plugin loader changes how
Python imports collections. Starting it takes longer than what it does.

A request is JSON: ``sources`` (paths), ``cache`` (false: refreshed), ``env``. The answer is JSON: ``variables`` by
host, ``groups`` by name, with their direct members.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader


def listed(request: dict[str, Any]) -> dict[str, Any]:
    os.environ.update(request["env"])
    try:
        found = InventoryManager(DataLoader(), request["sources"], cache=request["cache"])
    except AnsibleError as error:
        print(error, file=sys.stderr, flush=True)
        return {"variables": {}, "groups": {}}
    # what Ansible itself sets
    own = {"inventory_file", "inventory_dir"}
    return {
        "variables": {
            host.name: {key: value for key, value in host.vars.items() if key not in own}
            for host in found.hosts.values()
        },
        "groups": {group.name: [host.name for host in group.hosts] for group in found.groups.values()},
    }


def main() -> None:
    init_plugin_loader()
    for line in sys.stdin:
        print(json.dumps(listed(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
