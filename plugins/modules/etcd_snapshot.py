#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot of etcd before a change."""

from __future__ import annotations

DOCUMENTATION = r"""
module: etcd_snapshot
short_description: Take a snapshot of etcd where it can be taken
version_added: "0.1.0"
description:
  - Has RKE2 take a snapshot of the cluster's database on a control-plane node. Such a node is one with a running
    C(rke2-server), a worker has none.
  - A node that cannot take one is no failure. RV(reason) says why, so that a run can note it and go on, or refuse.
  - RKE2 keeps the snapshot below C(/var/lib/rancher/rke2/server/db/snapshots) of the node, shows it as an
    C(ETCDSnapshotFile), and never removes it by itself (C(rke2 etcd-snapshot prune --name) does).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
attributes:
  diff_mode:
    support: none
    details:
      - A snapshot is new each time.
options:
  name:
    description:
      - Beginning of the snapshot's name. RKE2 appends the node and the time.
    type: str
    default: harvester-network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See which nodes could take one
  harvester.network.etcd_snapshot:
  check_mode: true
  register: place

- name: Take one before the change
  harvester.network.etcd_snapshot:
    name: before-mtu
  when: place.possible
"""

RETURN = r"""
possible:
  description: Whether this node can take a snapshot.
  returned: success
  type: bool
snapshot:
  description: Name of the snapshot; empty when none was taken, as in check mode.
  returned: success
  type: str
  sample: before-mtu-node1-1796000000
path:
  description: The file on the node; empty when there is none, as for one that RKE2 keeps elsewhere.
  returned: success
  type: str
reason:
  description: Why none was taken, a sentence part; empty when one was, or could be in check mode.
  returned: success
  type: str
  sample: rke2-server.service is inactive, so this is no control-plane node
"""

from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.host import _etcd_snapshot

ARGUMENT_SPEC = {"name": {"type": "str", "default": "harvester-network"}}


def main() -> None:
    module = CommandModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    place = _etcd_snapshot.place(module.run)
    result = {"snapshot": "", "path": "", "reason": place.why}
    if place.program and not module.check_mode:
        result = _etcd_snapshot.take(place.program, module.params["name"], module.run)
    changed = bool(result["snapshot"]) or (module.check_mode and bool(place.program))
    module.exit_json(changed=changed, possible=bool(place.program), **result)


if __name__ == "__main__":
    main()
