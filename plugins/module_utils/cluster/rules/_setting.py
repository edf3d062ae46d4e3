# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HV pkg/webhook/resources/setting/validator.go: what the values of network settings may say.

For storage-network, rwx-network and vm-migration-network. This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
from typing import Iterator, List, Optional, Tuple

from ...common import _vlans
from .. import _keys, _selectors, _storage
from .._storage import NetworkValue, SettingError, text_of
from ._registry import DELETE, PUT, Finding, harvester
from ._request import Request

SOURCE = "HV pkg/webhook/resources/setting: "
KIND = ("settings",)
WIDEST = 16
"""The shortest prefix length of a range or an exclusion."""
RWX_KEYS = (_storage.SHARE, "network")


def changed(request: Request) -> bool:
    """Whether the value of a network setting changes, as a text."""
    if request.name not in _storage.SETTINGS:
        return False
    return text_of(request.old) != text_of(request.new)


def value_of(request: Request) -> Optional[NetworkValue]:
    """The network that the new value describes, when it changes and can be read."""
    if not changed(request):
        return None
    try:
        return _storage.parsed(request.name, text_of(request.new))
    except SettingError:
        return None


@harvester("setting-delete", "A setting is not deleted", KIND, (DELETE,), SOURCE + "MethodNotAllowed")
def delete(request: Request) -> Iterator[Finding]:
    yield Finding("deleting setting %s is not allowed" % request.name, 'set its value to "" instead')


@harvester("setting-value", "The value is JSON that the setting knows", KIND, PUT, SOURCE + "decodes it")
def value(request: Request) -> Iterator[Finding]:
    if not changed(request):
        return
    try:
        found = _storage.mapping(text_of(request.new))
        _storage.parsed(request.name, text_of(request.new))
    except SettingError as error:
        yield Finding("the value is invalid: %s" % error, "give a JSON object with clusterNetwork, vlan and range")
        return
    unknown = sorted(set(found) - set(RWX_KEYS)) if request.name == _storage.RWX else []
    if unknown:
        yield Finding(
            "the value is invalid: unknown key %s" % ", ".join(unknown), "give %s only" % " and ".join(RWX_KEYS)
        )


@harvester("setting-vlan", "The VLAN id is at most 4094, and tagged on mgmt", KIND, PUT, SOURCE + "checkVlan")
def vlan(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is None:
        return
    if not 0 <= found.vlan <= _vlans.LAST:
        yield Finding("the VLAN ID %d is out of range 0..4094" % found.vlan, "give a VLAN id within 1..4094")
    elif found.vlan in (0, 1) and found.cluster_network == _keys.MGMT:
        yield Finding(
            "network with vlan id %d not allowed on mgmt cluster" % found.vlan,
            "give a VLAN id within 2..4094, or another cluster network",
        )


@harvester("setting-network", "The cluster network exists", KIND, PUT, SOURCE + "looks it up")
def network(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is not None and not request.snapshot.get("clusternetworks", found.cluster_network):
        yield Finding(
            "cluster network %s not found" % (found.cluster_network or '""'),
            "create it, with its configurations, first",
        )


@harvester("setting-ready", "The cluster network is ready on all its nodes", KIND, PUT, SOURCE + "VlanStatus; not mgmt")
def ready(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is None or found.cluster_network == _keys.MGMT:
        return
    statuses = request.snapshot.statuses_of(found.cluster_network)
    if not statuses:
        yield Finding(
            "vlan status not present for cluster network %s" % found.cluster_network,
            "give it network configurations, and wait for them",
        )
    for node in sorted(statuses):
        if statuses[node].ready is False:
            yield Finding(
                "vs %s status is not Ready" % statuses[node].name,
                "repair the uplink on node %s: %s" % (node, statuses[node].message or "its agent gives no reason"),
            )


@harvester(
    "setting-matched-nodes",
    "Every configuration of the cluster network has matched nodes",
    KIND,
    PUT,
    SOURCE + "annotation matched-nodes absent is an error before 1.9",
)
def matched_nodes(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is None or found.cluster_network == _keys.MGMT or request.has("empty_configs_passed_over"):
        return
    for config in request.snapshot.configs_of(found.cluster_network):
        if not _selectors.annotated(config.raw):
            yield Finding(
                "vlan config annotations is absent for matched nodes: %s" % config.name,
                "delete network configuration '%s', or correct its selector" % config.name,
            )


@harvester("setting-span", "The cluster network is on every node", KIND, PUT, SOURCE + "matched-nodes; not mgmt")
def span(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is None or found.cluster_network == _keys.MGMT:
        return
    covered = {node for config in request.snapshot.configs_of(found.cluster_network) for node in config.nodes}
    missing = [node.name for node in request.snapshot.workers if node.name not in covered]
    if missing:
        yield Finding(
            "vlanconfig does not span %s" % ", ".join(missing),
            "give cluster network '%s' a network configuration there" % found.cluster_network,
        )


@harvester("setting-range", "The range is an IPv4 subnet of at most a /16", KIND, PUT, SOURCE + "checkNetworkRange")
def address_range(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is None:
        return
    if _network(found.range) is None:
        yield Finding(
            "range %s should be subnet CIDR" % (found.range or '""'), "give an IPv4 subnet such as 10.1.0.0/24"
        )
    elif _prefix(found.range) < WIDEST:
        yield Finding("range %s is larger than a /%d" % (found.range, WIDEST), "give a smaller subnet")


@harvester(
    "setting-exclude",
    "Exclusions lie in the range and do not overlap",
    KIND,
    PUT,
    SOURCE + "neighbours in the list are compared",
)
def exclude(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    whole = _network(found.range) if found is not None else None
    if found is None or whole is None:
        return
    previous: Optional[Tuple[str, ipaddress.IPv4Network]] = None
    for text in found.exclude:
        part = _part(text)
        if part is None or part.prefixlen < WIDEST:
            yield Finding("exclude %s should be a CIDR of at least a /%d" % (text, WIDEST), "give it as 10.1.0.0/28")
            continue
        if not part.overlaps(whole) or part.prefixlen <= whole.prefixlen:
            yield Finding("exclude %s is not a part of range %s" % (text, found.range), "give a part of the range")
        if previous and previous[1].overlaps(part):
            yield Finding("exclude %s and %s overlap" % (previous[0], text), "leave one of them out")
        previous = (text, part)


@harvester("setting-addresses", "The range has enough addresses", KIND, PUT, SOURCE + "nodes, disks and RWX volumes")
def addresses(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    if found is None or _network(found.range) is None or any(_part(text) is None for text in found.exclude):
        return
    shared = request.name == _storage.STORAGE and _storage.shares_storage(request.snapshot)
    needed = _storage.needed_addresses(request.snapshot, request.name, shared)
    usable = _storage.usable_addresses(found)
    if usable < needed:
        yield Finding(
            "range %s has %d usable addresses, %d are needed" % (found.range, usable, needed),
            "give a larger range, or exclude less",
        )


@harvester("setting-overlap", "Network settings do not share addresses", KIND, PUT, SOURCE + "compares the ranges")
def overlap(request: Request) -> Iterator[Finding]:
    found = value_of(request)
    whole = _network(found.range) if found is not None else None
    if found is None or whole is None:
        return
    for name in _others(request.name):
        other = _storage.network_of(request.snapshot, name)
        part = _network(other.range) if other else None
        if other and part and part.overlaps(whole):
            yield Finding(
                "range %s overlaps with range %s of setting %s" % (found.range, other.range, name), "give another range"
            )


def _others(name: str) -> List[str]:
    return [other for other in _storage.SETTINGS if other != name]


def _network(text: str) -> Optional[ipaddress.IPv4Network]:
    try:
        return _storage.subnet(text) if "/" in text else None
    except ValueError:
        return None


def _part(text: str) -> Optional[ipaddress.IPv4Network]:
    try:
        return ipaddress.IPv4Network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _prefix(text: str) -> int:
    found = _network(text)
    return found.prefixlen if found else 0
