# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the audit: the management network on the hosts. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator

from .._mgmt_profiles import BOND_ID, BRIDGE_ID
from ._model import MGMT, MGMT_BOND, MGMT_BRIDGE, PLAYBOOK, Audit, Check, Host, checked, ids, text, usual, where

MTU = ("mgmt_mtu", "MTU of the management network is that of the other nodes")
ANNOTATION = ("mgmt_annotation", "annotation uplink-mtu is the MTU of the hosts")
BOND_VLANS = ("mgmt_bond_vlans", f"VLAN ids of profile {BOND_ID} are those of the other nodes")
BRIDGE_VLANS = ("mgmt_bridge_vlans", f"VLAN ids of profile {BRIDGE_ID} are those of the other nodes")
LIVE = ("mgmt_vlans_live", f"VLAN ids of profile {BOND_ID} are on {MGMT_BOND}")
FLANNEL = ("flannel", "MTU of flannel.1 is that of the management network minus 50")

FLANNEL_DEVICE = "flannel.1"
OVERHEAD = 50
"""Bytes that VXLAN adds (flannel #1011)."""


def equal_mtus(audit: Audit) -> Iterator[Check]:
    """All nodes have one MTU on bond, bridge and the device with the address; Harvester checks this nowhere."""
    wanted = usual_mtu(audit)
    for host in audit.readable:
        mtus = _mtus(host)
        equal = set(mtus.values()) == {wanted}
        seen = text(wanted) if equal else ", ".join(f"{name} {text(mtu)}" for name, mtu in mtus.items())
        remedy = PLAYBOOK % "mgmt_network" + f" --limit {host.name}, with harvester_mgmt.mtu={wanted}"
        yield checked(MTU, host.name, text(wanted), seen, remedy)


def annotation(audit: Audit) -> Iterator[Check]:
    """VM networks on mgmt get what the annotation says, whatever the hosts have (harvester-facts 3.5)."""
    network, wanted = audit.networks.get(MGMT), usual_mtu(audit)
    if network is None or wanted is None:
        return
    written = network.get("uplink_mtu")
    seen = text(network["mtu"])
    if written != seen:
        # Also "0", which Harvester takes (harvester-facts 12).
        seen = f"{'no annotation' if written is None else written}, which means {seen}"
    remedy = PLAYBOOK % "mgmt_mtu_annotate"
    yield checked(
        ANNOTATION, where("cluster network", MGMT), text(wanted), seen, remedy, passed=network["mtu"] == wanted
    )


def equal_vlans(audit: Audit) -> Iterator[Check]:
    """Profiles of bond and bridge have the same VLAN ids on every node."""
    for rule, profile, section in ((BOND_VLANS, BOND_ID, "bridge_port"), (BRIDGE_VLANS, BRIDGE_ID, "bridge")):
        lists = {host.name: _profile_ids(host, profile, section) for host in audit.readable if host.profile(profile)}
        wanted = usual(lists.values())
        for name, found in lists.items():
            yield checked(rule, name, text(wanted), text(found), PLAYBOOK % "mgmt_vlans" + f" --limit {name}")


def live_vlans(audit: Audit) -> Iterator[Check]:
    """What the agent has stripped from the bond already: a reboot does not bring it back."""
    for host in audit.readable:
        if host.profile(BOND_ID):
            gone = [vid for item in host.hints.get("stripped") or () for vid in item["vlans"]]
            seen = f"{text(gone)} missing" if gone else "all"
            yield checked(LIVE, host.name, "all", seen, PLAYBOOK % "mgmt_vlans" + f" --limit {host.name}")


def flannel(audit: Audit) -> Iterator[Check]:
    """A larger one loses big packets between nodes, silently (harvester-facts 3.10). Where no node has one there is
    nothing to compare."""
    if not any(FLANNEL_DEVICE in host.links for host in audit.readable):
        return
    for host in audit.readable:
        below = host.links.get(host.addressed)
        if below is None:
            continue
        wanted, link = int(below["mtu"]) - OVERHEAD, host.links.get(FLANNEL_DEVICE)
        seen = int(link["mtu"]) if link else "no flannel.1"
        remedy = f"on {host.name}: ip link set {FLANNEL_DEVICE} mtu {wanted}"
        if link is None:
            remedy = f"restart the pod of canal on {host.name}"
        yield checked(FLANNEL, host.name, wanted, seen, remedy)


def usual_mtu(audit: Audit) -> int | None:
    """The MTU that most devices of the management network have; None when none could be read."""
    known = [mtu for host in audit.readable for mtu in _mtus(host).values() if mtu is not None]
    return usual(known, (audit.networks.get(MGMT) or {}).get("mtu"))


def _mtus(host: Host) -> dict[str, int | None]:
    names = dict.fromkeys((MGMT_BOND, MGMT_BRIDGE, host.addressed))
    return {name: int(host.links[name]["mtu"]) if name in host.links else None for name in names}


def _profile_ids(host: Host, profile: str, section: str) -> tuple[int, ...]:
    return tuple(sorted(ids((host.profile(profile).get(section) or {}).get("vlans") or ()) - {1}))
