# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations: the nodes that they are for, and the VMs there. This module util is private to the
collection."""

from __future__ import annotations

from typing import FrozenSet, Iterator, List

from ... import _selectors
from ..._attachments import blocking, names, on_virtual_functions
from ..._host_config import HostConfig
from ..._objects import listed
from .._registry import ANY, DELETE, PUT, UPDATE, Finding, ours
from .._request import Request
from .._shared import nodes, stop

KIND = ("vlanconfigs",)


def _selection_given(request: Request) -> bool:
    """Whether the change brings a selection: at creation, another selector, or another cluster network."""
    old, new = request.old_config, request.new_config
    if new is None:
        return False
    return old is None or old.selector != new.selector or old.cluster_network != new.cluster_network


def joining(request: Request) -> List[str]:
    """The nodes that the configuration is on after the change and was not before, with this cluster network."""
    old, new = request.old_config, request.new_config
    if new is None:
        return []
    here = old.nodes if old is not None and old.cluster_network == new.cluster_network else ()
    return sorted(set(request.selected) - set(here))


def touched(request: Request) -> FrozenSet[str]:
    """The nodes whose agents have something to do."""
    old = request.old_config
    if request.new is None or request.uplink_changed:
        return frozenset({*(old.nodes if old else ()), *request.selected})
    left = set(old.nodes) - set(request.selected) if old is not None and _selection_given(request) else set()
    return frozenset({*joining(request), *left})


def _leaving(request: Request) -> FrozenSet[str]:
    """The nodes that lose the cluster network, by the selector and not by a stale annotation."""
    old, new = request.old_config, request.new_config
    if old is None:
        return frozenset()
    stay = set(request.selected) if new is not None and new.cluster_network == old.cluster_network else set()
    return frozenset(set(old.nodes) - stay) if new is None or _selection_given(request) else frozenset()


@ours(
    "config-no-node",
    "The selection matches a node",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig: a selector that matches nothing is taken, and the old matched-nodes stay",
)
def no_node(request: Request) -> Iterator[Finding]:
    if _selection_given(request) and not request.selected:
        yield Finding(
            "its selector (%s) matches no node" % _selectors.shown(request.config.selector),
            "correct the selector or the nodes' labels; to take the configuration out of use, delete it",
        )


@ours(
    "config-vms-left",
    "A selection does not move away from nodes whose VMs run",
    KIND,
    (UPDATE,),
    "NC pkg/webhook/vlanconfig: with a selector that matches nothing matched-nodes is stale, and no VM is looked at",
)
def vms_left(request: Request) -> Iterator[Finding]:
    old = request.old_config
    silent = _leaving(request) - set(request.affected)
    found = blocking(request.snapshot, old.cluster_network, silent) if old is not None and silent else ()
    if found:
        yield Finding(
            "it leaves %s, where %s %s" % (nodes({vmi.node for vmi in found}), listed(names(found)), _run(len(found))),
            stop(found),
        )


@ours(
    "config-overlap",
    "A node has one configuration per cluster network",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig: sees only configurations whose agents have written a VlanStatus",
)
def overlap(request: Request) -> Iterator[Finding]:
    new = request.config
    statuses = request.snapshot.statuses_of(new.cluster_network)
    # what Harvester sees it says itself
    unseen = [node for node in joining(request) if node not in statuses or statuses[node].config == new.name]
    for name, other in sorted(request.snapshot.user_configs.items()):
        if name == new.name or other.deleting or other.cluster_network != new.cluster_network:
            continue
        wanted = {*other.nodes, *_selectors.matched(request.snapshot.workers, other.selector)}
        both = sorted(wanted.intersection(unseen))
        if both:
            yield Finding(
                "network configuration '%s' of the same cluster network is for %s too" % (name, nodes(both)),
                "take %s out of one of the two selectors" % ("it" if len(both) == 1 else "them"),
            )


@ours(
    "config-witness",
    "No witness node is selected",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig/mutator.go: witness nodes are left out without a word",
)
def witness(request: Request) -> Iterator[Finding]:
    selector = request.config.selector
    if not _selection_given(request) or not selector:
        return
    found = [
        node.name
        for node in request.snapshot.nodes.values()
        if node.witness and _selectors.matches(selector, node.labels)
    ]
    if found:
        yield Finding(
            "its selector (%s) matches witness %s, which never gets a cluster network"
            % (_selectors.shown(selector), nodes(found)),
            "take it out of the selection",
        )


@ours(
    "config-node-not-ready",
    "The nodes that a change concerns are Ready",
    KIND,
    ANY,
    "NC agent: one that is down loses a deletion for good, and bond, bridge and node label stay",
)
def node_not_ready(request: Request) -> Iterator[Finding]:
    known = request.snapshot.nodes
    down = [node for node in touched(request) if node in known and not known[node].ready]
    if down:
        yield Finding(
            "%s %s not Ready, so the change is not made there" % (nodes(down), "is" if len(down) == 1 else "are"),
            "bring it back first" if len(down) == 1 else "bring them back first",
        )


@ours(
    "config-agent",
    "The network agent runs on the nodes that a change concerns",
    KIND,
    ANY,
    "NC agent: one that does not run loses a deletion for good, and bond, bridge and node label stay",
)
def agent(request: Request) -> Iterator[Finding]:
    snapshot = request.snapshot
    ready = [node for node in touched(request) if node in snapshot.nodes and snapshot.nodes[node].ready]
    missing = [node for node in ready if node not in snapshot.agents]
    if missing:
        yield Finding(
            "the network agent does not run on %s" % nodes(missing),
            "see that pod harvester-network-controller of namespace harvester-system is Running there",
        )


@ours(
    "config-virtual-functions",
    "No VM has a virtual function of an uplink that is taken down",
    KIND,
    (UPDATE, DELETE),
    "NC pkg/utils/vmi.go: VMs with a host device are not counted",
)
def virtual_functions(request: Request) -> Iterator[Finding]:
    old = request.old_config
    if old is None:
        return
    places = set(request.affected) | _leaving(request)
    counted = set(names(blocking(request.snapshot, old.cluster_network, places)))
    found = [
        vmi for vmi in on_virtual_functions(request.snapshot, places, old.nics or ()) if vmi.reference not in counted
    ]
    if found:
        yield Finding(
            "%s %s with a virtual function of its NICs (%s)"
            % (listed(names(found)), _run(len(found)), listed(old.nics or ())),
            stop(found, migrate=False),
        )


@ours(
    "config-host-configs",
    "No host network configuration loses its bridge",
    KIND,
    (UPDATE, DELETE),
    "NC pkg/webhook/vlanconfig does not look at HostNetworkConfigs; their devices go with the bridge",
)
def host_configs(request: Request) -> Iterator[Finding]:
    old, leaving = request.old_config, _leaving(request)
    for item in request.snapshot.all("hostnetworkconfigs") if old is not None and leaving else ():
        host = HostConfig.read(item)
        if old is None or host.cluster_network != old.cluster_network or host.deleting:
            continue
        both = sorted(leaving.intersection(host.matched(request.snapshot.nodes.values())))
        if both:
            yield Finding(
                "host network configuration '%s' has %s on %s" % (host.name, host.device, nodes(both)),
                "delete it, or change its selector, first",
            )


def _run(count: int) -> str:
    return "runs" if count == 1 else "run"
