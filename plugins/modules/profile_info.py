#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles and links of a node as they are."""

from __future__ import annotations

DOCUMENTATION = r"""
module: profile_info
short_description: Read the NetworkManager profiles and the links of a node
version_added: "0.1.0"
description:
  - Returns in one call what a node's network is meant to be and what it is, in the vocabulary of
    M(harvester.network.profiles).
  - Profiles come from the keyfiles and from NetworkManager; links, bond state, VLAN tables, addresses and routes from
    the kernel.
  - Runs at most four programs on the node, however many profiles and links it has, and changes nothing. Secrets are
    not read.
  - A node without keyfiles (Harvester 1.6 and older) gives its links and an empty list of profiles.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
options:
  profiles:
    description: Ids of the profiles to return; every one of the types bond, bridge, VLAN and Ethernet when omitted.
    type: list
    elements: str
  devices:
    description:
      - Devices whose links, VLAN tables and routes are returned; all when omitted.
      - A node with many pods has hundreds of devices.
    type: list
    elements: str
seealso:
  - module: harvester.network.profiles
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Read profiles and links
  harvester.network.profile_info:
  register: node

- name: Show the MTU of every device of the management network
  ansible.builtin.debug:
    msg: "{{ node.links | selectattr('name', 'match', 'mgmt-') | items2dict(key_name='name', value_name='mtu') }}"

- name: Read what the management bond is doing
  harvester.network.profile_info:
    profiles: [bond-mgmt]
    devices: [mgmt-bo]
  register: bond

- name: Expect both ports to have a link
  ansible.builtin.assert:
    that: bond.links[0].bond.ports | rejectattr('mii_status', 'equalto', 'up') | length == 0

- name: Expect that nothing waits for a reboot
  ansible.builtin.assert:
    that: node.hints.pending | length == 0
"""

RETURN = r"""
profiles:
  description: The profiles on disk, sorted by file, in the vocabulary of the options of M(harvester.network.profiles).
  returned: success
  type: list
  elements: dict
  sample:
    - id: bond-mgmt
      type: bond
      interface_name: mgmt-bo
      controller: mgmt-br
      port_type: bridge
      mtu: 1500
      bond: {mode: active-backup, miimon: 100}
      bridge_port: {vlans: ["1 pvid untagged", "2017"]}
connections:
  description: Where each profile is stored, and what NetworkManager makes of it.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Profile id.
      type: str
      returned: always
    path:
      description: The keyfile.
      type: str
      returned: always
    persistent:
      description: Whether the file survives a boot.
      type: bool
      returned: always
    loaded:
      description: Whether NetworkManager knows the profile.
      type: bool
      returned: always
    current:
      description: Whether NetworkManager holds the profile as the file has it now.
      type: bool
      returned: always
    uuid:
      description: UUID in NetworkManager; null when the profile is not loaded.
      type: str
      returned: always
    active:
      description: Whether the profile is active.
      type: bool
      returned: always
    devices:
      description: Devices on which it is active.
      type: list
      elements: str
      returned: always
  sample:
    - id: bond-mgmt
      path: /etc/NetworkManager/system-connections/bond-mgmt.nmconnection
      persistent: true
      loaded: true
      current: true
      uuid: 5b1f3c2e-6f6a-3d0e-9a8c-0c7c5f9f2d11
      active: true
      devices: [mgmt-bo]
links:
  description: The kernel's devices. Every key is always there, null where it does not apply.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Device.
      type: str
      returned: always
    ifindex:
      description: The kernel's number of the device; another one means that the device was made anew.
      type: int
      returned: always
    kind:
      description: For example V(ether), V(bond), V(bridge), V(vlan), V(veth), V(vxlan), V(loopback).
      type: str
      returned: always
    mtu:
      description: MTU in bytes.
      type: int
      returned: always
    operstate:
      description: Operational state in lower case, for example V(up), V(down), V(lowerlayerdown), V(unknown).
      type: str
      returned: always
    up:
      description: Whether the device is set up, with or without carrier.
      type: bool
      returned: always
    mac:
      description: MAC address in use.
      type: str
      returned: always
    permanent_mac:
      description: MAC address of the hardware, also while the device uses that of its bond.
      type: str
      returned: always
    controller:
      description: Device that this one is a port of.
      type: str
      returned: always
    ports:
      description: Devices that are ports of this one, sorted.
      type: list
      elements: str
      returned: always
    parent:
      description: Device on which a VLAN or VXLAN device lies.
      type: str
      returned: always
    vlan_id:
      description: VLAN id of a VLAN device.
      type: int
      returned: always
    peer:
      description: Other end of a veth pair in the same network namespace.
      type: str
      returned: always
    peer_netns:
      description: Number of the network namespace in which the other end is.
      type: int
      returned: always
    addresses:
      description: Addresses of the device.
      type: list
      elements: dict
      returned: always
      contains:
        address:
          description: Address and prefix length.
          type: str
          returned: always
        family:
          description: V(inet) or V(inet6).
          type: str
          returned: always
        scope:
          description: V(global), V(link) or V(host).
          type: str
          returned: always
        peer:
          description: Address of the other end of a point-to-point device.
          type: str
          returned: always
        dynamic:
          description: Whether it has a lifetime, as from DHCP.
          type: bool
          returned: always
        managed:
          description: Whether it came without a route of its own, as every address that NetworkManager sets does.
          type: bool
          returned: always
    bond:
      description: State of a bond.
      type: dict
      returned: always
      contains:
        mode:
          description: Bond mode.
          type: str
          returned: always
        options:
          description: Options as the bonding driver has them, typed as in a profile.
          type: dict
          returned: always
        mii_status:
          description: V(up) or V(down).
          type: str
          returned: always
        active_port:
          description: Active port, in modes that have one.
          type: str
          returned: always
        aggregator:
          description: Id of the active aggregator (802.3ad).
          type: int
          returned: always
        partner_mac:
          description: MAC address of the LACP partner (802.3ad); null while none answers.
          type: str
          returned: always
        ports:
          description: State of every port, in the driver's order.
          type: list
          elements: dict
          returned: always
          contains:
            name:
              description: NIC.
              type: str
              returned: always
            state:
              description: V(active) or V(backup).
              type: str
              returned: always
            mii_status:
              description: Link as the driver sees it, V(up) or V(down), in between V(going_down) or V(going_back).
              type: str
              returned: always
            operstate:
              description: Operational state of the NIC.
              type: str
              returned: always
            link_failures:
              description: How often the link went down since the NIC became a port.
              type: int
              returned: always
            queue:
              description: Queue id.
              type: int
              returned: always
            aggregator:
              description: Id of the aggregator that the port is in (802.3ad).
              type: int
              returned: always
    bridge:
      description: Options of a bridge in the vocabulary of profiles; times in seconds.
      type: dict
      returned: always
    bridge_port:
      description: State, path cost and priority of a bridge port.
      type: dict
      returned: always
  sample:
    - name: mgmt-bo
      ifindex: 8
      kind: bond
      mtu: 1500
      operstate: up
      up: true
      mac: "52:54:00:aa:00:11"
      permanent_mac: null
      controller: mgmt-br
      ports: [eno1, eno2]
      parent: null
      vlan_id: null
      peer: null
      peer_netns: null
      addresses: []
      bond:
        mode: active-backup
        options: {mode: active-backup, miimon: 100}
        mii_status: up
        active_port: eno1
        aggregator: null
        partner_mac: null
        ports:
          - {name: eno1, state: active, mii_status: up, operstate: up, link_failures: 0, queue: 0, aggregator: null}
          - {name: eno2, state: backup, mii_status: up, operstate: up, link_failures: 0, queue: 0, aggregator: null}
      bridge: null
      bridge_port: {state: forwarding, path_cost: 100, priority: 32}
vlans:
  description: VLAN table of every bridge port and of the bridges themselves, by device.
  returned: success
  type: dict
  sample:
    mgmt-bo: ["1 pvid untagged", "100", "2017"]
    mgmt-br: ["1 pvid untagged", "2017"]
routes:
  description: Routes of IPv4 and IPv6 of all tables but C(local).
  returned: success
  type: list
  elements: dict
  contains:
    destination:
      description: Destination in CIDR form, a host address, or V(default).
      type: str
      returned: always
    next_hop:
      description: Gateway.
      type: str
      returned: always
    device:
      description: Device; null for a route with several ways.
      type: str
      returned: always
    metric:
      description: Metric; 0 when the kernel shows none.
      type: int
      returned: always
    table:
      description: Routing table, by name or number.
      type: str
      returned: always
    protocol:
      description: Who made the route, for example V(kernel), V(static), V(dhcp), V(boot).
      type: str
      returned: always
    scope:
      description: Scope.
      type: str
      returned: always
    source:
      description: Preferred source address.
      type: str
      returned: always
    family:
      description: V(inet) or V(inet6).
      type: str
      returned: always
    type:
      description: V(unicast), V(blackhole) and so on.
      type: str
      returned: always
    next_hops:
      description: The ways of a multipath route.
      type: list
      elements: dict
      returned: always
  sample:
    - destination: default
      next_hop: 10.217.0.1
      device: mgmt-br.2017
      metric: 400
      table: main
      protocol: static
      scope: global
      source: null
      family: inet
      type: unicast
      next_hops: []
boot_id:
  description: The kernel's boot id; another one after every boot.
  returned: success
  type: str
  sample: 0b7d33b8-9c2d-4a0e-8f0e-8f8d3f1f3f5e
hints:
  description: What follows from profiles and kernel together, computed at every call.
  returned: success
  type: dict
  contains:
    pending:
      description:
        - Devices for which a profile says something that the kernel does not have, with the way in which it would
          become live and why.
        - Empty when nothing waits for a reboot or for M(harvester.network.profiles).
      type: list
      elements: dict
      returned: always
    reboot:
      description: What of it only a reboot brings, a line each.
      type: list
      elements: str
      returned: always
    stripped:
      description:
        - VLAN ids of a profile that Harvester's agent took off the port, since neither a VM network nor a device
          C(<bridge>.<id>) uses them.
        - A reboot does not bring them back. Give each a VLAN profile without addresses, or a VM network.
      type: list
      elements: dict
      returned: always
      contains:
        profile:
          description: Profile that has the ids.
          type: str
          returned: always
        device:
          description: Port that lacks them.
          type: str
          returned: always
        bridge:
          description: Bridge of the port.
          type: str
          returned: always
        vlans:
          description: The ids.
          type: list
          elements: int
          returned: always
    unmanaged:
      description: VLAN devices on a bridge of the profiles that no profile makes, such as those of a HostNetworkConfig.
      type: list
      elements: dict
      returned: always
      contains:
        device:
          description: Device.
          type: str
          returned: always
        bridge:
          description: Bridge below it.
          type: str
          returned: always
        vlan_id:
          description: VLAN id.
          type: int
          returned: always
    doubles:
      description: Profile ids that several keyfiles claim, with their paths.
      type: dict
      returned: always
  sample:
    pending: []
    reboot: []
    stripped:
      - {profile: bond-mgmt, device: mgmt-bo, bridge: mgmt-br, vlans: [2018]}
    unmanaged:
      - {device: mgmt-br.2030, bridge: mgmt-br, vlan_id: 2030}
    doubles: {}
"""

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _info
from ansible_collections.harvester.network.plugins.module_utils.nm._node_module import NodeModule

ARGUMENT_SPEC = {
    "profiles": {"type": "list", "elements": "str"},
    "devices": {"type": "list", "elements": "str"},
}


def main() -> None:
    module = NodeModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        found = _info.gather(module.run, module.params["profiles"], module.params["devices"])
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
