#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node reaches its gateway, its name servers and what else is named."""

from __future__ import annotations

DOCUMENTATION = r"""
module: reach_info
short_description: See whether a node reaches what it lives by
version_added: "0.1.0"
description:
  - Asks the default gateways, the name servers and further targets for one answer each, all at once.
  - Meant to be called before a change of the network, and after it with what answered before. For a proof of an exact
    MTU see M(harvester.network.path_mtu).
  - Needs root, for pings. IPv4 only, but for targets of kind V(tcp) and V(dns).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
options:
  targets:
    description: What to reach.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What it is called in results and messages. By default its kind and address.
        type: str
      kind:
        description: V(ping) sends an ICMP echo request, V(tcp) opens a connection, V(dns) asks a name server anything.
        type: str
        choices: [ping, tcp, dns]
        default: ping
      address:
        description: IP address.
        type: str
        required: true
      port:
        description: Port of kind V(tcp).
        type: int
      size:
        description: Bytes of the whole IP packet of a ping, which must not be fragmented. A small one by default.
        type: int
      required:
        description: Copied to the result. Says that the target has to be reached after a change, though not before.
        type: bool
        default: false
  peers:
    description: IPv4 addresses of other nodes, to be pinged.
    type: list
    elements: str
    default: []
  earlier:
    description:
      - RV(targets) of an earlier call. What was reached then, and what is required, is asked again, and nothing else.
    type: list
    elements: dict
  discover:
    description: Whether the default gateways and the name servers of C(/etc/resolv.conf) are targets too.
    type: bool
    default: true
  timeout:
    description: Seconds in which an answer must come. There are three tries.
    type: float
    default: 1.0
seealso:
  - module: harvester.network.path_mtu
  - module: harvester.network.checkpoint
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See what the node reaches
  harvester.network.reach_info:
    targets:
      - name: API of the cluster
        kind: tcp
        address: 192.0.2.10
        port: 6443
  register: before

- name: See whether it still does
  harvester.network.reach_info:
    earlier: "{{ before.targets }}"
  register: after
  failed_when: after.missing | length > 0
"""

RETURN = r"""
targets:
  description: Every target, those that were found by O(discover) included.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: What it is called.
      type: str
      returned: always
    kind:
      description: V(ping), V(tcp) or V(dns).
      type: str
      returned: always
    address:
      description: IP address.
      type: str
      returned: always
    port:
      description: Port, 0 when it has none.
      type: int
      returned: always
    size:
      description: Bytes of the packet, 0 for a small one.
      type: int
      returned: always
    required:
      description: As given.
      type: bool
      returned: always
    reached:
      description: Whether it answered.
      type: bool
      returned: always
    why:
      description: Why it is not reached; empty when it is.
      type: str
      returned: always
  sample:
    - name: gateway 192.0.2.1
      kind: ping
      address: 192.0.2.1
      port: 0
      size: 0
      required: false
      reached: true
      why: ""
missing:
  description: The targets that are not reached, with the reason.
  returned: success
  type: list
  elements: str
  sample: ["gateway 192.0.2.1 (no answer)"]
address:
  description: The node's own IPv4 address towards its default gateway; empty without one.
  returned: success
  type: str
  sample: 192.0.2.11
"""

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.probe import _reach

ARGUMENT_SPEC = {
    "targets": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str"},
            "kind": {"type": "str", "choices": ["ping", "tcp", "dns"], "default": "ping"},
            "address": {"type": "str", "required": True},
            "port": {"type": "int"},
            "size": {"type": "int"},
            "required": {"type": "bool", "default": False},
        },
    },
    "peers": {"type": "list", "elements": "str", "default": []},
    "earlier": {"type": "list", "elements": "dict"},
    "discover": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 1.0},
}


def main() -> None:
    module = CommandModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        targets = _reach.chosen(module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    found = _reach.reach(targets, module.params["timeout"])
    missing = ["%s (%s)" % (item["name"], item["why"]) for item in found if not item["reached"]]
    module.exit_json(changed=False, targets=found, missing=missing, address=_reach.own_address())


if __name__ == "__main__":
    main()
