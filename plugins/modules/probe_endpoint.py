#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary endpoints on a node, to prove VLANs with real frames."""

from __future__ import annotations

DOCUMENTATION = r"""
module: probe_endpoint
short_description: Make and remove temporary endpoints on a node to prove a VLAN
version_added: "0.1.0"
description:
  - An endpoint is what a VM has. A veth pair, one end a port of the bridge with the VLAN as untagged PVID, the other
    end C(eth0) with the address, in a network namespace of its own. M(harvester.network.path_mtu) can send from there.
  - The node's own addresses, routing table and VLAN devices are not touched. A VLAN that already has a device
    C(mgmt-br.<id>) can be proved beside it.
  - A transient systemd timer on the node removes the endpoints after O(lifetime) seconds, whatever becomes of the
    controller or of this module. It is armed before anything is made, and what it runs is a POSIX shell program that
    needs neither Python nor the module.
  - What is removed is exactly what was made. A VLAN id on O(endpoints[].uplink) is removed only if it was added here,
    and not when another port of the bridge has come to use it, or another probe still does.
  - Before an address is used, ARP asks whether somebody has it (RFC 5227, three probes, about 1.5 seconds for all
    endpoints together). One that answers is refused and everything is removed again.
  - A failure leaves nothing behind. Bad input is refused before anything is made.
notes:
  - Record, list and program lie in C(/run/harvester-network-probe) (root's, mode 0700) and are gone with the last
    endpoint. The unit is C(harvester-network-probe-<name>). The host end of a pair is called C(hnp) and eight digits,
    the namespace C(hnprobe-<name>-<key>).
  - No NetworkManager profile is made; the host end becomes a port with C(ip link set ... master). NetworkManager
    shows it as "connected (externally)" at most and leaves it alone.
  - The host end has the bridge's MTU whatever O(endpoints[].mtu) says, and a high MAC address, since a bridge takes
    over the smallest MTU and the lowest MAC address of its ports.
  - A call with the same endpoints changes nothing while all of them are there. When less than half of O(lifetime) is
    left, the timer starts anew, which is a change.
  - Needs root, iproute2 and systemd.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
attributes:
  check_mode:
    support: partial
    details:
      - Says what would be made or removed and makes nothing. Whether somebody has an address cannot be asked, since
        that takes an endpoint.
options:
  state:
    description:
      - V(present) makes the endpoints of O(name).
      - V(absent) removes them, also half-made ones, and needs O(name) only.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Identifies the set of endpoints, 1 to 31 of the characters a-z, 0-9 and '-'. Whoever uses the same name means
        the same endpoints.
    type: str
    default: probe
  lifetime:
    description: Seconds after which the node removes the endpoints by itself, 30 to 86400.
    type: int
    default: 600
  endpoints:
    description:
      - The endpoints, all of those of O(name). Required with O(state=present), ignored with O(state=absent).
      - Each has either O(endpoints[].vlan_id) and O(endpoints[].address), or O(endpoints[].device) alone.
    type: list
    elements: dict
    suboptions:
      key:
        description: Name of the endpoint within the set, 1 to 20 of the characters a-z, 0-9 and '-'.
        type: str
        required: true
      device:
        description:
          - A device of the node, for example V(mgmt-br.2017). Nothing is made; the result has its first global IPv4
            address as the kernel has it. A device without one is an error.
        type: str
      bridge:
        description: Bridge that the endpoint is attached to.
        type: str
        default: mgmt-br
      vlan_id:
        description:
          - VLAN id, 1 to 4094. V(1) means untagged, and is the only one that a bridge without VLAN filtering takes.
        type: int
      address:
        description:
          - IPv4 address and prefix length of 8 to 31, for example V(198.18.0.1/24). 198.18.0.0/15 is reserved for
            measurements (RFC 2544).
          - Its network must not overlap a route of the node's main table.
        type: str
      mtu:
        description: MTU of C(eth0) in bytes, 576 up to the MTU of the bridge, which is also the default.
        type: int
      uplink:
        description:
          - Port of the bridge, for example V(mgmt-bo), on which the VLAN id is added if it is not there. Not done for
            VLAN id 1.
          - Without it the tables of the uplinks stay as they are; an id that is missing there shows as frames that
            do not pass.
        type: str
      routes:
        description: Routes inside the namespace.
        type: list
        elements: dict
        suboptions:
          to:
            description: IPv4 network, for example V(198.19.0.0/24).
            type: str
            required: true
          via:
            description: Gateway, an address inside the network of the endpoint.
            type: str
            required: true
seealso:
  - module: harvester.network.path_mtu
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Make an endpoint in VLAN 2018 on every node
  harvester.network.probe_endpoint:
    name: vlans
    endpoints:
      - key: vlan2018
        vlan_id: 2018
        address: "198.18.0.{{ ansible_play_hosts_all.index(inventory_hostname) + 1 }}/24"
  register: probe

- name: Expect the endpoint to be removed by the node itself in the end
  ansible.builtin.assert:
    that: probe.expires is not none

- name: Remove it now
  harvester.network.probe_endpoint:
    name: vlans
    state: absent

- name: Prove a VLAN that is not on the uplink yet, behind a router, together with the management network as it is
  harvester.network.probe_endpoint:
    lifetime: 120
    endpoints:
      - key: storage
        vlan_id: 2100
        uplink: mgmt-bo
        address: 198.18.1.1/24
        mtu: 1500
        routes:
          - to: 198.19.0.0/24
            via: 198.18.1.254
      - key: management
        device: mgmt-br.2017

- name: Remove those too
  harvester.network.probe_endpoint:
    state: absent
"""

RETURN = r"""
endpoints:
  description: The endpoints, sorted by key; empty with O(state=absent). In check mode as they would be.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The key that was given.
      type: str
      returned: always
    namespace:
      description: Network namespace of the endpoint; null for a device of the node.
      type: str
      returned: always
    device:
      description: Device with the address, inside the namespace if there is one.
      type: str
      returned: always
    address:
      description: IPv4 address without prefix length.
      type: str
      returned: always
    mtu:
      description: MTU of the device in bytes.
      type: int
      returned: always
    made:
      description:
        - What this set of endpoints added to the node and will be removed again; the same at later calls.
        - A VLAN id that was there before is not among it.
      type: list
      elements: str
      returned: always
  sample:
    - key: management
      namespace: null
      device: mgmt-br.2017
      address: 10.217.0.11
      mtu: 1500
      made: []
    - key: vlan2018
      namespace: hnprobe-vlans-vlan2018
      device: eth0
      address: 198.18.0.1
      mtu: 1500
      made:
        - network namespace hnprobe-vlans-vlan2018
        - veth hnp3f5c90ae on mgmt-br
        - VLAN id 2018 on mgmt-bo
expires:
  description: When the node removes the endpoints, in seconds since the epoch; null when nothing was made.
  returned: success
  type: int
  sample: 1767225600
removed:
  description: What was removed, in check mode what would be. With O(state=present) what an earlier call left behind.
  returned: success
  type: list
  elements: str
  sample: [veth hnp3f5c90ae on mgmt-br, network namespace hnprobe-vlans-vlan2018, VLAN id 2018 on mgmt-bo]
kept:
  description: What is in the record but is not ours any more, each with the reason; it is also a warning.
  returned: success
  type: list
  elements: str
  sample: ["VLAN id 2018 on mgmt-bo: mgmt-br uses it now"]
rearmed:
  description: Whether the endpoints were there and only their lifetime started anew.
  returned: success
  type: bool
  sample: false
"""

from typing import Dict

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.probe import _endpoints
from ansible_collections.harvester.network.plugins.module_utils.probe._host import Host

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str", "default": "probe"},
    "lifetime": {"type": "int", "default": 600},
    "endpoints": {
        "type": "list",
        "elements": "dict",
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "device": {"type": "str"},
            "bridge": {"type": "str", "default": "mgmt-br"},
            "vlan_id": {"type": "int"},
            "address": {"type": "str"},
            "mtu": {"type": "int"},
            "uplink": {"type": "str"},
            "routes": {
                "type": "list",
                "elements": "dict",
                "options": {"to": {"type": "str", "required": True}, "via": {"type": "str", "required": True}},
            },
        },
    },
}


def diff(outcome: _endpoints.Outcome) -> Dict[str, str]:
    """What was there and is there because of the set of endpoints, a line each."""
    return {
        "before": "".join(line + "\n" for line in outcome.before),
        "after": "".join(line + "\n" for line in outcome.after),
    }


def main() -> None:
    module = CommandModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ["endpoints"])],
        supports_check_mode=True,
    )
    given = module.params
    try:
        if given["state"] == "present":
            outcome = _endpoints.present(
                Host(module.run), given["name"], given["lifetime"], given["endpoints"], module.check_mode
            )
        else:
            outcome = _endpoints.absent(Host(module.run), given["name"], module.check_mode)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    for text in outcome.kept:
        module.warn("kept %s" % text)
    module.exit_json(
        changed=outcome.changed,
        endpoints=list(outcome.endpoints),
        expires=outcome.expires,
        removed=list(outcome.removed),
        kept=list(outcome.kept),
        rearmed=outcome.rearmed,
        diff=diff(outcome),
    )


if __name__ == "__main__":
    main()
