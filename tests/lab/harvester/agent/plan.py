# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent wants of a node's links, and the operations that lead there. Pure; 3.2, 3.7 and 3.8 of the facts.

A plan stops where upstream's code stops: what was done before the error stays done.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..objects import MGMT, Obj, cluster_network_of, spec, uplink
from ..versions import Version
from .links import Link, Links
from .operations import (
    AddBond,
    AddBridge,
    AddVlan,
    Delete,
    Operation,
    SetMaster,
    SetPromiscuous,
    SetUp,
    SetVid,
    apply,
)

DEFAULT_MODE = "active-backup"
DEFAULT_MIIMON = 100
"""Milliseconds, from 1.7."""


@dataclass(frozen=True)
class Uplink:
    """The uplink of a cluster network as a VlanConfig asks for it; 0, -1, None and '' leave a value as it is."""

    cluster_network: str
    nics: tuple[str, ...]
    mode: str = DEFAULT_MODE
    miimon: int | None = None
    mtu: int = 0
    queue: int = -1
    mac: str = ""

    @property
    def bond(self) -> str:
        return f"{self.cluster_network}-bo"

    @property
    def bridge(self) -> str:
        return f"{self.cluster_network}-br"


@dataclass(frozen=True)
class Plan:
    """Operations in order, and the error at which upstream would have stopped ('' for none)."""

    operations: tuple[Operation, ...] = ()
    error: str = ""


@dataclass
class _Course:
    """A plan in the making: each operation is seen by the next step."""

    links: Links
    done: list[Operation] = field(default_factory=list)

    def do(self, *operations: Operation) -> None:
        self.links = apply(self.links, operations)
        self.done += operations

    def plan(self, error: str = "") -> Plan:
        return Plan(tuple(self.done), error)


def wanted_uplink(vlan_config: Obj, version: Version) -> Uplink:
    """The uplink of a VlanConfig. ``miimon`` 0 is taken as it is: no link monitoring (3.2)."""
    given = uplink(vlan_config)
    attributes, options = given.get("linkAttributes") or {}, given.get("bondOptions") or {}
    miimon = options.get("miimon")
    if version.default_miimon and miimon in (None, -1):
        miimon = DEFAULT_MIIMON
    queue = attributes.get("txQLen")
    mac = attributes.get("hardwareAddr") or ""
    return Uplink(
        cluster_network_of(vlan_config),
        tuple(given.get("nics") or ()),
        options.get("mode") or DEFAULT_MODE,
        miimon,
        int(attributes.get("mtu") or 0),
        -1 if queue is None else int(queue),
        base64.b64decode(mac).hex(":") if mac else "",
    )


def same_bond(bond: Link, wanted: Uplink) -> bool:
    """True when the bond may stay. An MTU of 0 is not compared: the old one stays (3.2)."""
    return (
        bond.mode == wanted.mode
        and (wanted.miimon is None or wanted.miimon < 0 or bond.miimon == wanted.miimon)
        and (not wanted.mtu or bond.mtu == wanted.mtu)
        and (wanted.queue < 0 or bond.queue == wanted.queue)
        and (not wanted.mac or bond.mac == wanted.mac)
    )


def setup(links: Links, wanted: Uplink, version: Version) -> Plan:
    """Bond, its ports, bridge. Another mode, MTU, MAC, queue or miimon: the bond is deleted and made anew."""
    course = _Course(links)
    bond = links.get(wanted.bond)
    if bond is None or not same_bond(bond, wanted):
        if bond:
            course.do(Delete(wanted.bond))
        course.do(AddBond(wanted.bond, wanted.mode, wanted.miimon, wanted.mtu, wanted.queue, wanted.mac))
    if not course.links.by_name[wanted.bond].up:
        course.do(SetUp(wanted.bond))
    error = _ports(course, wanted, version)
    if error:
        return course.plan(error)
    bridge = course.links.get(wanted.bridge)
    if bridge is None:
        course.do(AddBridge(wanted.bridge))
    if bridge is None or not bridge.promiscuous:
        course.do(SetPromiscuous(wanted.bridge))
    if bridge is None or not bridge.up:
        course.do(SetUp(wanted.bridge))
    if course.links.by_name[wanted.bond].master != wanted.bridge:
        course.do(SetMaster(wanted.bond, wanted.bridge))
    return course.plan()


def _ports(course: _Course, wanted: Uplink, version: Version) -> str:
    for nic in wanted.nics:
        link = course.links.get(nic)
        if link is None:
            return f"get link {nic} failed, error: Link not found"
        if link.master != wanted.bond:
            if link.master:
                return f"{nic} has been enslaved by the link with index {course.links.index(link.master)}"
            course.do(SetUp(nic, False), SetMaster(nic, wanted.bond))
        if not course.links.by_name[nic].up:
            course.do(SetUp(nic))
    for link in course.links.ports(wanted.bond):
        if link.name not in wanted.nics:
            _release(course, link.name, version)
    return ""


def _release(course: _Course, nic: str, version: Version) -> None:
    course.do(SetMaster(nic, ""))
    # the bond's driver leaves a released port down
    course.do(SetUp(nic, version.nic_up_after_release))


def teardown(links: Links, cluster_network: str, version: Version) -> Plan:
    """Bond and bridge go; what is not there counts as done. Up to 1.6 the NICs stay down (#9032)."""
    bond, bridge = f"{cluster_network}-bo", f"{cluster_network}-br"
    course = _Course(links)
    if links.get(bond):
        nics = [link.name for link in links.ports(bond)]
        if links.by_name[bond].master:
            course.do(SetMaster(bond, ""))
        course.do(Delete(bond))
        for nic in nics:
            course.do(SetUp(nic, version.nic_up_after_release))
    if links.get(bridge):
        course.do(Delete(bridge))
    return course.plan()


def port_vids(links: Links, cluster_network: str, network_vids: Iterable[int], version: Version) -> Plan:
    """VLAN ids of ``<cn>-bo``: those of VM networks and of VLAN devices over the bridge. From 1.7 all others but 1 go.

    The bridge's own ids are not touched (3.7).
    """
    bond, bridge = f"{cluster_network}-bo", f"{cluster_network}-br"
    port = links.get(bond)
    if port is None or port.master != bridge:
        return Plan()
    devices = {link.vlan for link in links.by_name.values() if link.kind == "vlan" and link.parent == bridge}
    wanted = set(network_vids) | devices
    there = links.vids.get(bond, frozenset()) - {1}
    found = [SetVid(bond, vid) for vid in sorted(wanted - there - {1})]
    if version.strips_foreign_vids:
        found += [SetVid(bond, vid, there=False) for vid in sorted(there - wanted)]
    return Plan(tuple(found))


def host_device(links: Links, config: Obj) -> Plan:
    """``<cn>-br.<vid>`` of a HostNetworkConfig, and its id on bridge and bond (3.8). Its MTU is that of the moment."""
    cluster_network, vlan = cluster_network_of(config), int(spec(config)["vlanID"])
    bridge, bond = f"{cluster_network}-br", f"{cluster_network}-bo"
    device = f"{bridge}.{vlan}"
    if links.get(bridge) is None:
        return Plan(error=f"get link {bridge} failed, error: Link not found")
    course = _Course(links)
    if links.get(device) is None:
        course.do(AddVlan(bridge, vlan))
    if not course.links.by_name[device].up:
        course.do(SetUp(device))
    if vlan not in links.vids.get(bridge, frozenset()):
        course.do(SetVid(bridge, vlan, own=True))
    if links.get(bond) and vlan not in links.vids.get(bond, frozenset()):
        course.do(SetVid(bond, vlan))
    return course.plan()


def remove_host_device(links: Links, cluster_network: str, vlan: int) -> Plan:
    """The device and its id on the bridge go; the bond's id goes with the next look at the port's ids."""
    bridge = f"{cluster_network}-br"
    course = _Course(links)
    if links.get(f"{bridge}.{vlan}"):
        course.do(Delete(f"{bridge}.{vlan}"))
    if vlan in links.vids.get(bridge, frozenset()):
        course.do(SetVid(bridge, vlan, there=False, own=True))
    return course.plan()


def mgmt_config(links: Links, node: str) -> Obj | None:
    """1.9: ``mgmt-vlanconfig-<node>`` from the state of mgmt-bo; None without one (1.10)."""
    bond = links.get(f"{MGMT}-bo")
    if bond is None:
        return None
    return {
        "metadata": {"name": f"{MGMT}-vlanconfig-{node}"},
        "spec": {
            "clusterNetwork": MGMT,
            "uplink": {
                "bondOptions": {"miimon": -1, "mode": bond.mode},
                "linkAttributes": {"mtu": bond.mtu, "txQLen": -1},
                "nics": [link.name for link in links.ports(bond.name)],
            },
        },
    }
