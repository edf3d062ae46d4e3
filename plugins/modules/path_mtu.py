#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets of an exact size pass to given peers, and one byte more does not."""

from __future__ import annotations

DOCUMENTATION = r"""
module: path_mtu
short_description: Prove that packets of an exact size pass to given peers
version_added: "0.1.0"
description:
  - Sends ICMP echo requests from this node to peers and proves that packets of exactly the given size pass, and that
    one byte more does not. No packet may be fragmented, neither on the way there nor on the way back.
  - A small packet goes first, so that no path and an MTU that is too small are different results. When the exact size
    does not pass, the largest size that does is searched.
  - The kernel's cached path MTU and the MTU of routes are ignored, so that an old measurement proves nothing (socket
    option C(IP_PMTUDISC_PROBE), see C(man 7 ip)).
  - All paths are probed in parallel by one process. It takes at most 2.5 × O(count) + 9.25 times O(timeout), 16.75
    seconds with the defaults, and the time of sending itself, however many paths there are. It takes some round trips
    when all is well and the device's own MTU refuses the larger packet; else silence is the proof, for two seconds with
    the defaults. With O(legs=true) that time is needed once more per port, after at most O(legs_timeout) seconds of
    waiting.
  - Only sends, so it runs in check mode too. The exception is O(legs=true).
  - Needs root, C(ip) of iproute2, and peers that answer ICMP echo requests.
  - Refuses, before anything is sent, a peer behind a router that the node already uses - a DNS server, the other end of
    a TCP connection, an address of O(in_use), or one with a route of its own. The router's answer to a packet that is
    too large (RFC 1191) stays in the node's cache for ten minutes (C(net.ipv4.route.mtu_expires)) and cuts or slows
    the real traffic to that address.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
attributes:
  check_mode:
    support: partial
    details:
      - Paths are proved in check mode as well, since that changes nothing. Legs are not; O(legs=true) warns and returns
        an empty RV(legs).
  diff_mode:
    support: none
    details:
      - Nothing is different afterwards.
options:
  paths:
    description: What to prove, at most 1000 paths.
    type: list
    elements: dict
    required: true
    suboptions:
      peer:
        description: IPv4 address of the other end. IPv6 is not supported yet; names are not looked up.
        type: str
        required: true
      mtu:
        description:
          - Size of the IP packet in bytes, header included, within 576..65535.
          - A size above the MTU of the outgoing device is no bad input; the result is V(mtu_too_small) and names it.
        type: int
        required: true
      namespace:
        description: Network namespace in which to send (C(/run/netns/<name>)); the node's own when omitted.
        type: str
      device:
        description: Device through which to send, whatever the routes say (C(SO_BINDTODEVICE)).
        type: str
      source:
        description: IPv4 address from which to send; the kernel's choice when omitted.
        type: str
      name:
        description: Label that is copied to the result and stands in messages, for example V(VLAN 2018 node2).
        type: str
      larger:
        description:
          - Whether packets of one byte more may pass.
          - V(refuse) sends one and makes it V(mtu_larger) when it passes; V(allow) does not send it.
        type: str
        choices: [refuse, allow]
        default: refuse
  count:
    description:
      - How many packets of each size are tried at most, within 1..20. One answer is enough for a size to pass.
      - Small packets are O(timeout) apart, so that a MAC address can be learned in between; others half of it.
    type: int
    default: 3
  timeout:
    description: Seconds in which the answer to one packet must come, within 0.05..30.
    type: float
    default: 1.0
  in_use:
    description:
      - IP addresses that the node is known to use, for example of the API, the VIP and other nodes.
      - Those behind a router are refused as peers.
    type: list
    elements: str
    default: []
  fail_unproved:
    description: Whether the module fails when a path or leg is not proved. With V(false) the caller judges.
    type: bool
    default: true
  legs:
    description:
      - Proves every leg (port) of O(bond) by itself. All O(paths) must use that bond.
      - In mode active-backup every port in turn is made the active one, and at last the one that was, even when the
        task is interrupted or killed. The traffic of the node and of its VMs goes the same way for these seconds.
        After each switch the MAC addresses of the VMs are announced, so that what is sent to them finds the way.
      - In modes that use all ports (balance-rr, balance-xor, 802.3ad, balance-tlb, balance-alb) 64 flows or more with
        different ICMP identifiers are sent. Which port a packet took is seen at the ports themselves. Only policy
        layer3+4, with Linux 5.5 or later, spreads flows to one peer.
      - A leg that no packet took is not proved, and neither is any in mode broadcast.
    type: bool
    default: false
  bond:
    description: Bond whose legs are proved.
    type: str
    default: mgmt-bo
  legs_up:
    description:
      - How many ports must carry traffic before the probes start; as many as the bond has when omitted.
      - In mode 802.3ad a port counts when LACP has it in the active aggregator and passes traffic.
    type: int
  legs_timeout:
    description: Seconds to wait for these ports, within 0..3600. LACP with slow timers needs up to 90.
    type: int
    default: 90
seealso:
  - module: harvester.network.profile_info
  - name: RFC 1191
    description: Path MTU discovery.
    link: https://www.rfc-editor.org/rfc/rfc1191
  - name: Linux Ethernet Bonding Driver
    description: Modes, xmit_hash_policy, active_slave.
    link: https://docs.kernel.org/networking/bonding.html
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Jumbo frames pass to the other nodes, exactly
  harvester.network.path_mtu:
    paths:
      - {peer: 10.217.0.12, mtu: 9000, name: node2}
      - {peer: 10.217.0.13, mtu: 9000, name: node3}

- name: Frames of a VLAN pass between temporary endpoints
  harvester.network.path_mtu:
    paths:
      - name: VLAN 2018 node2
        peer: 198.18.18.2
        mtu: 1500
        namespace: hnprobe-probe-vlan2018

- name: Look at what passes to a host behind the router, without failing
  harvester.network.path_mtu:
    paths:
      - {peer: 192.0.2.80, mtu: 9000, larger: allow}
    in_use: [10.217.0.10, 192.0.2.53]
    fail_unproved: false
  register: router

- name: Show the largest packet that does
  ansible.builtin.debug:
    msg: "{{ router.paths[0].largest }} bytes; {{ router.paths[0].why }}"

- name: Every leg of the management bond passes jumbo frames
  harvester.network.path_mtu:
    paths:
      - {peer: 10.217.0.12, mtu: 9000}
      - {peer: 10.217.0.13, mtu: 9000}
    legs: true
    bond: mgmt-bo
"""

RETURN = r"""
proved:
  description:
    - Whether every path is proved, and with O(legs=true) every leg too.
    - In check mode legs do not count.
  returned: when something was sent
  type: bool
  sample: true
packets:
  description: How many packets were sent.
  returned: when something was sent
  type: int
  sample: 12
paths:
  description: One result per path, in the order of O(paths). Every key is always there.
  returned: when something was sent
  type: list
  elements: dict
  contains:
    name:
      description: The label; null without one.
      type: str
      returned: always
    peer:
      description: IPv4 address of the other end.
      type: str
      returned: always
    mtu:
      description: Size that was asked for, in bytes.
      type: int
      returned: always
    namespace:
      description: Network namespace; null for the node's own.
      type: str
      returned: always
    device:
      description: Outgoing device; null when there is no route.
      type: str
      returned: always
    source:
      description: Source address; null when there is no route.
      type: str
      returned: always
    status:
      description:
        - V(proved).
        - V(no_path) when not even a small packet is answered, or there is no route.
        - V(mtu_too_small) when small packets pass and the exact size does not.
        - V(mtu_larger) when one byte more passes too.
        - V(not_proved) when no packet took the leg (in RV(legs) only).
      type: str
      returned: always
    largest:
      description: Largest size in bytes that was seen to pass; null when none does.
      type: int
      returned: always
    reported_by:
      description: Address of the router or host that reported why packets do not pass; null when nobody did.
      type: str
      returned: always
    reported_mtu:
      description: MTU in bytes that it reported; null when it did not say.
      type: int
      returned: always
    rtt_ms:
      description: Time until a packet of the exact size was answered, in milliseconds; null when none was.
      type: float
      returned: always
    why:
      description: The result in a sentence.
      type: str
      returned: always
  sample:
    - name: node2
      peer: 10.217.0.12
      mtu: 9000
      namespace: null
      device: mgmt-br.2017
      source: 10.217.0.11
      status: mtu_too_small
      largest: 1500
      reported_by: null
      reported_mtu: null
      rtt_ms: null
      why: >-
        packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1500 bytes; what drops larger ones
        does not report it, as a switch or a bridge with a smaller MTU
legs:
  description: One result per port of the bond, in the kernel's order; empty without O(legs=true) and in check mode.
  returned: when something was sent
  type: list
  elements: dict
  contains:
    port:
      description: Port.
      type: str
      returned: always
    was_active:
      description: Whether it was the active port before; in modes that use all ports, whether it carried traffic.
      type: bool
      returned: always
    status:
      description:
        - V(proved), or V(down) when the port is down.
        - Else V(mtu_too_small), V(mtu_larger), V(no_path) or V(not_proved), whichever comes first among its paths.
      type: str
      returned: always
    largest:
      description: Largest size in bytes that passes to every peer that answers; null when none does.
      type: int
      returned: always
    paths:
      description: The results of all paths on this leg, with the keys of RV(paths); empty when none was probed.
      type: list
      elements: dict
      returned: always
    why:
      description: The result in a sentence.
      type: str
      returned: always
  sample:
    - port: eno1
      was_active: true
      status: proved
      largest: 9000
      paths: []
      why: "through eno1: 2 path(s) proved"
waited:
  description: Seconds that the call has waited until ports were up, or were the active one.
  returned: when it had to wait
  type: float
  sample: 12.5
"""

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.probe import _path_mtu
from ansible_collections.harvester.network.plugins.module_utils.probe._path_request import ARGUMENT_SPEC


def main() -> None:
    module = CommandModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        outcome = _path_mtu.run_module(module.run, module.params, module.check_mode)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    for warning in outcome.warnings:
        module.warn(warning)
    if module.params["fail_unproved"] and not outcome.proved:
        module.fail_json(msg="not proved:\n%s" % outcome.failures(), **outcome.to_dict())
    module.exit_json(**outcome.to_dict())


if __name__ == "__main__":
    main()
