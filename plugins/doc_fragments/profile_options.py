# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of NetworkManager profiles, written once and arranged per module."""

from __future__ import annotations

from textwrap import indent

STATE = """
state:
  description:
    - V(present) creates and changes, V(absent) removes exactly what is named by id.
    - V(rendered) returns keyfiles and commands and needs no node. V(gathered) returns the profiles as they are.
  type: str
  choices: [present, absent, rendered, gathered]
  default: present
apply:
  description:
    - V(live) makes the change live in the gentlest way that the kernel and NetworkManager allow.
    - V(reboot) changes the files only; RV(reboot_required) then says whether the node has to boot.
  type: str
  choices: [live, reboot]
  default: live
commit_confirm:
  description:
    - Whether the change is undone unless somebody confirms it with module M(harvester.network.checkpoint). Before the
      first write the touched profiles and the kernel's values are recorded on the node, with a systemd timer that puts
      them back. That survives a dead runner, a restart of NetworkManager, a reboot and a loss of power.
    - While a change waits to be confirmed every other change of the node's profiles is refused.
    - Confirm over a new connection, after C(ansible.builtin.meta) has reset the old one. Role C(mgmt_network) does all
      of this.
  type: bool
  default: false
confirm_timeout:
  description:
    - Seconds that the change waits, from its last write. With O(apply=reboot) they begin at the next boot, when the
      network is up.
    - From 30 to 86400.
  type: int
  default: 300
confirm_owner:
  description:
    - Who makes the change, for messages. By default the user and address of the session; a text in parentheses is added
      to these.
  type: str
  default: ""
"""

COMMON = """
interface_name:
  description:
    - Device that the profile makes or configures, at most 15 characters.
    - A VLAN profile without it gets C(<parent>.<id>), as Harvester's C(vlan-mgmt) does.
  type: str
autoconnect:
  description: Whether NetworkManager activates the profile by itself.
  type: bool
mtu:
  description: MTU in bytes. 0 and an absent value read as 1500.
  type: int
cloned_mac_address:
  description: MAC address that the device shall have, or a word that NetworkManager knows, such as V(preserve).
  type: str
"""

PORT = """
controller:
  description: Device that this one is a port of, for example V(mgmt-br) for the bond or V(mgmt-bo) for a NIC.
  type: str
port_type:
  description: Kind of the controller.
  type: str
  choices: [bond, bridge]
"""

PORTS = """
ports:
  description:
    - NICs of the bond, the whole list. Each gets a profile C(bond-slave-<nic>).
    - A NIC that is no longer in the list loses the profile of that name that belongs to this bond, and only that.
  type: list
  elements: str
"""

BOND = """
bond:
  description: Options of the bonding driver, merged by key. Timers in milliseconds unless said otherwise.
  type: dict
  suboptions:
    mode:
      description:
        - Bond mode, one of V(balance-rr), V(active-backup), V(balance-xor), V(broadcast), V(802.3ad), V(balance-tlb),
          V(balance-alb).
        - A change activates the bond, which interrupts it for a moment.
      type: str
    miimon:
      description: Interval of link monitoring in milliseconds. 0 without ARP monitoring is refused.
      type: int
    updelay:
      description: Milliseconds before a port whose link came up is used; a multiple of O(bond.miimon).
      type: int
    downdelay:
      description: Milliseconds before a port whose link went down is given up; a multiple of O(bond.miimon).
      type: int
    peer_notif_delay:
      description: Milliseconds between peer notifications; a multiple of O(bond.miimon).
      type: int
    use_carrier:
      description: Whether link monitoring uses the driver's carrier state.
      type: bool
    primary:
      description: Port that is preferred (active-backup, balance-tlb, balance-alb).
      type: str
    primary_reselect:
      description: When the primary takes over again; V(always), V(better) or V(failure).
      type: str
    fail_over_mac:
      description: MAC policy of active-backup; V(none), V(active) or V(follow).
      type: str
    num_grat_arp:
      description: Number of gratuitous ARPs after a failover.
      type: int
    num_unsol_na:
      description: Number of unsolicited neighbour advertisements after a failover.
      type: int
    resend_igmp:
      description: Number of IGMP membership reports after a failover.
      type: int
    all_slaves_active:
      description: Whether duplicate frames on inactive ports are delivered.
      type: bool
    min_links:
      description: Number of ports that must be up before the bond has a carrier (802.3ad).
      type: int
    xmit_hash_policy:
      description: How flows are spread over ports; V(layer2), V(layer3+4), V(layer2+3), V(encap2+3) or V(encap3+4).
      type: str
    lp_interval:
      description: Seconds between learning packets (balance-tlb, balance-alb).
      type: int
    packets_per_slave:
      description: Packets through a port before the next one is used (balance-rr).
      type: int
    tlb_dynamic_lb:
      description: Whether flows are moved between ports by load (balance-tlb).
      type: bool
    lacp_rate:
      description: Rate of LACP packets asked of the partner, V(slow) or V(fast) (802.3ad).
      type: str
    ad_select:
      description: How the active aggregator is chosen; V(stable), V(bandwidth) or V(count) (802.3ad).
      type: str
    ad_actor_sys_prio:
      description: System priority, 1 to 65535 (802.3ad).
      type: int
    ad_actor_system:
      description: MAC address in LACP packets (802.3ad).
      type: str
    ad_user_port_key:
      description: Upper bits of the port key, 0 to 1023 (802.3ad).
      type: int
    arp_interval:
      description: Interval of ARP monitoring in milliseconds; excludes O(bond.miimon).
      type: int
    arp_ip_target:
      description: Addresses that ARP monitoring asks for, at most 16.
      type: list
      elements: str
    arp_validate:
      description:
        - Which ports' ARP traffic is checked; V(none), V(active), V(backup), V(all), V(filter), V(filter_active),
          V(filter_backup).
      type: str
    arp_all_targets:
      description: Whether V(any) or V(all) targets must answer.
      type: str
"""

BRIDGE = """
bridge:
  description: Options of the bridge.
  type: dict
  suboptions:
    stp:
      description: Whether the spanning tree protocol runs. Harvester runs without.
      type: bool
    forward_delay:
      description: Forward delay in seconds; Harvester's bridge has 0.
      type: int
    hello_time:
      description: STP hello time in seconds.
      type: int
    max_age:
      description: STP maximum age in seconds.
      type: int
    ageing_time:
      description: Seconds until a learnt MAC address is forgotten.
      type: int
    priority:
      description: STP priority, 0 to 65535.
      type: int
    multicast_snooping:
      description: Whether IGMP and MLD snooping is on.
      type: bool
    vlan_filtering:
      description: Whether the bridge filters by VLAN.
      type: bool
    vlan_default_pvid:
      description: VLAN id that new ports get untagged; 1 on a Harvester node.
      type: int
    vlans:
      description: VLAN ids of the bridge itself, the whole list, as ids and ranges such as V(2100-2110).
      type: list
      elements: str
    mac_address:
      description: MAC address of the bridge; pins it, so that it does not follow its ports.
      type: str
"""

BRIDGE_PORT = """
bridge_port:
  description: Options of the device as a port of a bridge.
  type: dict
  suboptions:
    vlans:
      description:
        - VLAN ids of the port, the whole list, as ids and ranges.
        - On a bond below a bridge the entry V(1 pvid untagged) has to be there.
      type: list
      elements: str
    path_cost:
      description: STP path cost.
      type: int
    priority:
      description: STP port priority, 0 to 63.
      type: int
"""

VLAN = """
vlan:
  description: Options of the VLAN device.
  type: dict
  suboptions:
    id:
      description: VLAN id, 1 to 4094.
      type: int
    parent:
      description: Device on which the VLAN lies, for example V(mgmt-br).
      type: str
    flags:
      description: Flags as a number; 1 reorders headers, which is the default.
      type: int
"""


def _ip(family: str, methods: str) -> str:
    return f"""
{family}:
  description: Addresses and routes, {family.replace("ip", "IP")}. Untouched unless given.
  type: dict
  suboptions:
    method:
      description: How the device gets its addresses; {methods}.
      type: str
    addresses:
      description: Addresses as C(address/prefix), the whole list.
      type: list
      elements: str
    gateway:
      description: Default gateway.
      type: str
    dns:
      description: Name servers, the whole list.
      type: list
      elements: str
    dns_search:
      description: Search domains, the whole list.
      type: list
      elements: str
    routes:
      description: Static routes as C(destination/prefix [next-hop [metric]]), the whole list.
      type: list
      elements: str
    route_metric:
      description: Metric of the device's routes; -1 leaves it to NetworkManager.
      type: int
    may_fail:
      description: Whether the profile may be active without addresses of this family.
      type: bool
    never_default:
      description: Whether the device never carries the default route.
      type: bool
"""


IP = _ip("ipv4", "V(auto), V(manual), V(disabled) or V(link-local)") + _ip(
    "ipv6", "V(auto), V(dhcp), V(manual), V(disabled), V(ignore) or V(link-local)"
)

IDENTITY = """
id:
  description: Profile id (C(connection.id)), for example V(bond-mgmt).
  type: str
  required: true
"""

TYPE = """
type:
  description: Type of the profile. Needed for a new one; the type of an existing profile does not change.
  type: str
  choices: [bond, bridge, vlan, ethernet]
"""

ITEM_STATE = """
state:
  description: V(absent) removes this profile in a call that brings others to O(state=present).
  type: str
  choices: [present, absent]
"""

WHOLE_SET = """
profiles:
  description:
    - The profiles, keyed by O(profiles[].id).
    - With O(state=gathered) only the ids count; an empty list means every profile.
  type: list
  elements: dict
  default: []
  suboptions:
"""


def _options(*parts: str) -> str:
    return "options:\n" + indent("".join(part.lstrip("\n") for part in parts), "  ")


def _nested() -> str:
    """In a list of profiles the references between options have a longer path."""
    parts = IDENTITY + TYPE + ITEM_STATE + COMMON + PORT + PORTS + BOND + BRIDGE + BRIDGE_PORT + VLAN + IP
    inner = parts.replace("O(bond.", "O(profiles[].bond.")
    return WHOLE_SET + indent("".join(line + "\n" for line in inner.splitlines() if line), "    ")


class ModuleDocFragment:
    """Sections: C(profiles) for the whole set, C(bond), C(bridge) and C(vlan) for one device each.

    Annotated, because ansible-test's yamllint reads plain assignments and expects a text.
    """

    DOCUMENTATION: str = _options(STATE)
    PROFILES: str = _options(STATE, _nested())
    BOND: str = _options(STATE, IDENTITY, COMMON, PORT, PORTS, BOND, BRIDGE_PORT, IP)
    BRIDGE: str = _options(STATE, IDENTITY, COMMON, BRIDGE, IP)
    VLAN: str = _options(STATE, IDENTITY, COMMON, PORT, BRIDGE_PORT, VLAN, IP)
