# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of the management network's MTU before anything stops.

The messages name the variables of playbook mgmt_mtu. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Iterator, List, Mapping, Optional, Tuple

from ...cluster import _keys, _nad, _network_mtu, _objects, _storage
from ...cluster._kinds import title
from ...cluster._snapshot import Snapshot
from ...cluster.reboot import _volumes
from ...cluster.storage._volumes import attached
from ...common import _mtu
from ...common._errors import Problem
from .._plan import managers
from ._mgmt_mtu import ELSEWHERE, KEEP, ON_MGMT, ON_PODS, REBOOT, Case, Wish

Hosts = Mapping[str, Mapping[str, int]]
"""Node, its name in the cluster -> device of its management network -> MTU of the kernel, bytes."""

WHERE = "management network"
OVERLAY = 50
"""Bytes that VXLAN takes from a packet (flannel backend/vxlan); pods have 1450 by Harvester's default."""


def refusals(snapshot: Snapshot, hosts: Hosts, wish: Wish, found: Case) -> List[Problem]:
    """Everything that speaks against it, in the order in which an operator mends it; empty when nothing does."""
    if wish.annotate_only:
        return [*_hosts_have(hosts, wish), *_settings(snapshot, found), *_managed(snapshot, wish, found)]
    wrong = list(_numbers(wish))
    if wrong:
        return wrong
    return [
        *_live(snapshot, hosts, wish),
        *_switches(wish),
        *_pods(wish),
        *_underlay(found),
        *_settings(snapshot, found),
        *_kept(snapshot, wish, found),
        *_attached(snapshot, found),
        *_ports(wish),
        *_managed(snapshot, wish, found),
    ]


def reached(snapshot: Snapshot, hosts: Hosts, wish: Wish) -> bool:
    """Whether everything has the MTU already, so that a second run finds nothing to do."""
    return (
        not wish.annotate_only
        and not list(_numbers(wish))
        and set(snapshot.nodes) <= set(hosts)
        and not _of_hosts(hosts, wish, wish.mtu_to)
        and not _of_harvester(snapshot, wish.mtu_to)
    )


def _numbers(wish: Wish) -> Iterator[Problem]:
    for option, mtu in (("change_mtu_from", wish.mtu_from), ("change_mtu_to", wish.mtu_to)):
        rule = _mtu.objection(mtu) if mtu else "the MTU must be within %d..%d bytes" % (_mtu.MINIMUM, _mtu.MAXIMUM)
        if rule:
            yield Problem(WHERE, option, mtu, rule)
    if wish.mtu_from == wish.mtu_to:
        yield Problem(WHERE, "change_mtu_to", wish.mtu_to, "it is change_mtu_from too, so there is nothing to change")


def _live(snapshot: Snapshot, hosts: Hosts, wish: Wish) -> Iterator[Problem]:
    """Every node of the cluster was looked at, and everything that has an MTU has that of the beginning."""
    unseen = sorted(set(snapshot.nodes) - set(hosts))
    if unseen:
        rule = "%s was not looked at" % _objects.listed(unseen)
        yield Problem(WHERE, "", None, rule, "all nodes change together: add it to harvester_nodes, or remove the node")
    rows = [*_of_hosts(hosts, wish, wish.mtu_from), *_of_harvester(snapshot, wish.mtu_from)]
    if rows:
        rule = "it is not everywhere:\n%s\n" % "\n".join("  " + row for row in rows)
        yield Problem(WHERE, "change_mtu_from", wish.mtu_from, rule.rstrip(), _remedy(snapshot, hosts, wish))


def _of_hosts(hosts: Hosts, wish: Wish, mtu: int) -> List[str]:
    """What has another MTU on the hosts, in the kernel or with the next boot: a row per node."""
    rows = []
    for node, devices in sorted(hosts.items()):
        other = ["%s %d" % (name, live) for name, live in sorted(devices.items()) if live != mtu]
        other += [
            "profile %s %d" % (name, _mtu.effective(written))
            for name, written in sorted((wish.profiles.get(node) or {}).items())
            if not _mtu.equal(written, mtu)
        ]
        if other:
            rows.append("%s: %s" % (node, ", ".join(other)))
    return rows


def _of_harvester(snapshot: Snapshot, mtu: int) -> List[str]:
    """What has another MTU in the cluster. Networks of settings keep what they were made with, overlays have none."""
    annotation = _annotation(snapshot)
    rows = []
    if not _same(annotation, mtu):
        shown = "none, which means %d" % _mtu.DEFAULT if annotation is None else "'%s'" % annotation
        rows.append("cluster network %s: annotation uplink-mtu %s" % (_keys.MGMT, shown))
    for nad in _others(snapshot, mtu):
        written = _objects.dig(nad.config, "mtu")
        shown = "none, which means %d" % _mtu.DEFAULT if written is None else str(written)
        rows.append("VM network %s: mtu %s" % (nad.reference, shown))
    return rows


def _others(snapshot: Snapshot, mtu: int) -> List[_nad.Nad]:
    """The VM networks that follow the annotation, and have another MTU."""
    return [
        nad
        for nad in snapshot.nads_of(_keys.MGMT)
        if nad.type == _nad.BRIDGE
        and not nad.setting
        and not nad.deleting
        and not _same(_objects.dig(nad.config, "mtu"), mtu)
    ]


def _annotation(snapshot: Snapshot) -> Optional[str]:
    return _network_mtu.annotated(snapshot.get("clusternetworks", _keys.MGMT) or {})


def _hosts_have(hosts: Hosts, wish: Wish) -> Iterator[Problem]:
    for node, devices in sorted(hosts.items()):
        other = ["%s %d" % (name, mtu) for name, mtu in sorted(devices.items()) if mtu != wish.mtu_to]
        if other:
            rule = "%s has %s" % (node, ", ".join(other))
            yield Problem(WHERE, "mtu", wish.mtu_to, rule, "bring it to that MTU with playbook mgmt_network")


def _same(annotation: object, mtu: int) -> bool:
    try:
        return _mtu.equal(annotation, mtu)
    except _mtu.MtuError:
        return False


def _remedy(snapshot: Snapshot, hosts: Hosts, wish: Wish) -> str:
    annotation = _annotation(snapshot)
    if not _of_hosts(hosts, wish, wish.mtu_from):
        if not _same(annotation, wish.mtu_from):
            return "give the annotation the hosts' MTU with playbook mgmt_mtu_annotate"
        return "Harvester's network manager gives them the annotation's: see its pods in harvester-system"
    # Unless the annotation says what the cluster's is, mgmt_network takes what all other nodes have.
    live = [mtu for devices in hosts.values() for mtu in devices.values()]
    usual = max(sorted(set(live)), key=live.count)
    noted = "" if _same(annotation, usual) else ", and have it noted before with playbook mgmt_mtu_annotate"
    if not _of_hosts(hosts, wish, usual):
        return "give the MTU that is there, change_mtu_from=%d%s" % (usual, noted)
    if annotation is None and noted:
        noted = ", and have it noted then with playbook mgmt_mtu_annotate"
        return "bring the nodes that differ to the others' MTU with playbook mgmt_network%s" % noted
    return "give the MTU that is there, and bring nodes that differ to it with playbook mgmt_network"


def _switches(wish: Wish) -> Iterator[Problem]:
    if wish.raises and not wish.switches_ready and not wish.switches_phase:
        yield Problem(
            WHERE,
            "change_switches_ready",
            "false",
            "switches drop frames of more bytes than they are set to",
            "let every switch port of mgmt pass frames of %d bytes first, then give true" % wish.mtu_to,
        )


def _pods(wish: Wish) -> Iterator[Problem]:
    if wish.mtu_to < _mtu.DEFAULT and not wish.pod_network_mtu_ready:
        yield Problem(
            WHERE,
            "change_mtu_to",
            wish.mtu_to,
            "pods have MTU %d and VXLAN takes %d more, which does not fit, and nothing in Harvester says so"
            % (_mtu.DEFAULT - OVERLAY, OVERLAY),
            "lower the pod network's MTU to %d first, then give change_pod_network_mtu_ready=true"
            % (wish.mtu_to - OVERLAY),
        )


def _underlay(found: Case) -> Iterator[Problem]:
    stopping = {one.vm for one in found.stops}
    running = [vm for vm in found.overlay if vm not in stopping]
    for config in found.host_configs:
        if config.underlay and running:
            yield Problem(
                title("hostnetworkconfigs", "", config.name),
                "underlay",
                "true",
                "it carries the overlay networks of VMs that would keep running: %s" % ", ".join(running),
                "stop these VMs first",
            )


def _settings(snapshot: Snapshot, found: Case) -> Iterator[Problem]:
    for name in found.settings:
        if _storage.in_progress(snapshot.get("settings", name)):
            yield Problem(
                title("settings", "", name),
                "",
                None,
                "its last change is in progress",
                "wait until its condition configured is Completed",
            )


def _kept(snapshot: Snapshot, wish: Wish, found: Case) -> Iterator[Problem]:
    """Replicas that talk over mgmt meanwhile have to bear that one node is away for moments."""
    if wish.running_vms != KEEP:
        return
    option = "change_running_vms"
    if found.longhorn == ON_MGMT:
        rule = "the storage network is on mgmt and is switched off, for which every VM has to be stopped"
        yield Problem(WHERE, option, KEEP, rule, "leave it out")
    elif found.longhorn == ELSEWHERE:
        rule = "only VMs on mgmt stop here, and those have to"
        yield Problem(WHERE, option, KEEP, rule, "leave it out")
    elif found.longhorn == ON_PODS and wish.reboots and wish.raises:
        rule = (
            "with change_apply=%s nodes send packets of %d bytes before the switches are proved, and replicas of VMs"
            " that run talk over mgmt" % (REBOOT, wish.mtu_to)
        )
        yield Problem(WHERE, option, KEEP, rule, "leave it out, so that every VM stops, or leave out change_apply")
    elif found.longhorn == ON_PODS:
        for line in _volumes.fragile(snapshot):
            yield Problem(
                WHERE, option, KEEP, line, "wait for rebuilds, add replicas, or leave it out, so that every VM stops"
            )


def _attached(snapshot: Snapshot, found: Case) -> Iterator[Problem]:
    """Without a storage network nothing in Harvester asks for it; with one on mgmt the rules of its setting do."""
    if found.longhorn != ON_PODS or not found.every_vm:
        return
    for volume in attached(snapshot):
        if not volume.with_vm and not volume.at_rest:
            yield Problem(
                "volume",
                "",
                None,
                "%s, whose replicas talk over mgmt" % volume.holder,
                "scale down what holds it, and scale it up at the end",
            )


def _ports(wish: Wish) -> Iterator[Problem]:
    for node, ports in sorted(wish.ports.items()):
        if not ports["up"]:
            rule = "no port of mgmt-bo carries traffic: %s" % (", ".join(ports["down"]) or "it has none")
            yield Problem("node '%s'" % node, "", None, rule, "see its cables and switch ports")


def _managed(snapshot: Snapshot, wish: Wish, found: Case) -> Iterator[Problem]:
    names = managed(snapshot, wish, found)
    if names and not wish.gitops_paused:
        yield Problem(
            WHERE,
            "change_gitops_paused",
            "false",
            "others put back what this change writes: %s" % ", ".join(names),
            "pause them, then give true",
        )


def managed(snapshot: Snapshot, wish: Wish, found: Case) -> Tuple[str, ...]:
    """The objects that change and that Helm, Fleet or Argo CD would put back, each with its manager.

    Harvester changes the VM networks, by the annotation: their manager puts them back all the same.
    """
    keys = [("clusternetworks", "", _keys.MGMT)]
    keys += [("nads", nad.namespace, nad.name) for nad in _others(snapshot, wish.mtu_to)]
    keys += [("settings", "", name) for name in found.settings]
    for one in found.stops:
        namespace, _slash, name = one.vm.rpartition("/")
        keys.append(("vms", namespace, name))
    return tuple(
        "%s (%s)" % (title(kind, namespace, name), manager)
        for kind, namespace, name in keys
        for manager in managers(snapshot.get(kind, name, namespace) or {})
    )
