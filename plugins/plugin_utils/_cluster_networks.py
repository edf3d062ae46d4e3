# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired cluster networks of an inventory, as the modules take them. Pure; private to the collection.

In an inventory a configuration can name a group, C(group: harvester_rack_a): its nodes get a label of the group's name,
and the configuration selects that label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError
from ..module_utils.common._names import suggest
from ..module_utils.common._vlans import VlanList

WHERE = "harvester_cluster_networks"
PREFIX = "harvester.network/"
"""Prefix of the labels that are set from groups."""
MGMT = "mgmt"
PRESENT, ABSENT = "present", "absent"
NETWORK = ("name", "state", "description", "uplink", "uplink_mtu", "configs", "vm_networks")
CONFIG = ("name", "description", "nics", "all_nodes", "node", "node_selector", "group")
SELECTIONS = ("all_nodes", "node", "node_selector", "group")
VM_NETWORK = (
    "name",
    "namespace",
    "state",
    "type",
    "vlan_id",
    "vlan_ids",
    "description",
    "route",
)
_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\Z")


def plan(
    desired: Sequence[Mapping[str, Any]], groups: Mapping[str, Sequence[str]], nodes: Mapping[str, str]
) -> dict[str, Any]:
    """What the modules are called with.

    desired: ``harvester_cluster_networks``. groups: of the inventory, with their hosts. nodes: the hosts of
    harvester_nodes with their names in the cluster. Returns ``networks`` for module cluster_network, with the labels
    that their groups mean, ``vm_networks`` and ``gone`` (VM networks to be removed, before any cluster network) for
    module vm_network. Raises ValidationError with everything that is wrong.
    """
    problems = list(_problems(desired, groups, nodes))
    if problems:
        raise ValidationError(problems)
    vm_networks = [_vm_network(network, item) for network in desired for item in network.get("vm_networks") or ()]
    return {
        "networks": sorted(
            (_network(network, groups, nodes) for network in desired), key=lambda item: item["state"] != ABSENT
        ),
        "vm_networks": [item for item in vm_networks if item["state"] == PRESENT],
        "gone": [item for item in vm_networks if item["state"] == ABSENT],
    }


def proof(
    desired: Sequence[Mapping[str, Any]], results: Iterable[Mapping[str, Any]], nodes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The networks that role path_proof proves: each VLAN on the nodes that have its cluster network, at its MTU.

    results: of module cluster_network, whose ``expect`` names the nodes. nodes: as in plan(). A VLAN that less than two
    nodes have is left out, and so are untagged networks, whose frames the switch decides about.
    """
    bridges: dict[str, dict[str, int]] = {}
    for result in results:
        for node, expected in (result.get("expect") or {}).items():
            for device in expected.get("devices") or ():
                if str(device["name"]).endswith("-br") and device.get("mtu"):
                    bridges.setdefault(device["name"], {})[node] = int(device["mtu"])
    found = []
    for network in desired:
        bridge = "%s-br" % network["name"]
        having = bridges.get(bridge, {})
        hosts = [host for host, node in nodes.items() if node in having]
        if network.get("state", PRESENT) == ABSENT or len(hosts) < 2:
            continue
        ids = sorted({vid for item in network.get("vm_networks") or () for vid in _ids(item)})
        mtu = min(having[nodes[host]] for host in hosts)
        found += [{"vlan_id": vid, "bridge": bridge, "mtu": mtu, "nodes": hosts} for vid in ids]
    return found


def _ids(item: Mapping[str, Any]) -> Iterable[int]:
    if item.get("state", PRESENT) == ABSENT:
        return ()
    if item.get("vlan_id"):
        return (int(item["vlan_id"]),)
    return VlanList.parse(list(item.get("vlan_ids") or ())).ids()


def _labels(
    network: Mapping[str, Any], groups: Mapping[str, Sequence[str]], nodes: Mapping[str, str]
) -> dict[str, dict[str, str | None]]:
    """Node -> label -> "true", or None where it has to go; empty when no configuration names a group."""
    used = sorted({str(config["group"]) for config in _configs(network) if config.get("group")})
    if not used:
        return {}
    return {
        node: {PREFIX + group: "true" if host in groups[group] else None for group in used}
        for host, node in nodes.items()
    }


def _network(
    network: Mapping[str, Any], groups: Mapping[str, Sequence[str]], nodes: Mapping[str, str]
) -> dict[str, Any]:
    found = {name: value for name, value in network.items() if name not in ("vm_networks", "configs")}
    found["state"] = network.get("state", PRESENT)
    if network.get("configs") is not None:
        found["configs"] = [_config(config) for config in network["configs"]]
    labels = _labels(network, groups, nodes)
    if labels:
        found["labels"] = labels
    return found


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in config.items() if name != "group"}
    if config.get("group"):
        found["node_selector"] = {PREFIX + str(config["group"]): "true"}
    return found


def _vm_network(network: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    gone = ABSENT in (network.get("state"), item.get("state"))
    return {"namespace": "default", **item, "state": ABSENT if gone else PRESENT, "cluster_network": network["name"]}


def _configs(network: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return network.get("configs") or ()


# -- what is wrong ---------------------------------------------------------------------------------------------------


def _problems(
    desired: Sequence[Mapping[str, Any]], groups: Mapping[str, Sequence[str]], nodes: Mapping[str, str]
) -> Iterable[Problem]:
    names: set[str] = set()
    configs: set[str] = set()
    references: set[tuple[str, str]] = set()
    for network in desired:
        name = str(network.get("name") or "")
        where = "%s: cluster network '%s'" % (WHERE, name)
        yield from _words(where, network, NETWORK)
        yield from _state(where, network)
        if not name:
            yield Problem(WHERE, "name", None, "a cluster network has no name", "give name")
        elif name in names:
            yield Problem(where, "name", None, "it is there twice", "join the two")
        names.add(name)
        if name == MGMT and (network.get("configs") is not None or network.get("state") == ABSENT):
            rule = (
                "it is made on the hosts, and stays" if network.get("state") == ABSENT else "it has no configurations"
            )
            yield Problem(where, "", None, rule, "change it with playbook mgmt_network")
        for config in _configs(network):
            yield from _of_config(where, config, groups, nodes, configs)
        for item in network.get("vm_networks") or ():
            yield from _of_vm_network(where, item, references)


def _of_config(
    where: str,
    config: Mapping[str, Any],
    groups: Mapping[str, Sequence[str]],
    nodes: Mapping[str, str],
    known: set[str],
) -> Iterable[Problem]:
    name = str(config.get("name") or "")
    place = "%s: configuration '%s'" % (where, name)
    yield from _words(place, config, CONFIG)
    if not name:
        yield Problem(where, "configs", None, "a configuration has no name", "give name")
    elif name in known:
        yield Problem(place, "name", None, "it is there twice", "names are unique in the whole cluster")
    known.add(name)
    given = [word for word in SELECTIONS if config.get(word)]
    if len(given) != 1:
        shown = " and ".join(given) or "none"
        yield Problem(place, "", None, "it needs exactly one of %s, %s is given" % (", ".join(SELECTIONS), shown))
    node = config.get("node")
    if node and node not in nodes.values():
        rule = "the inventory has no such node in harvester_nodes"
        yield Problem(place, "node", node, rule, suggest(str(node), nodes.values()) or "give its name in the cluster")
    group = config.get("group")
    if not group:
        return
    if group not in groups:
        rule = "the inventory has no such group"
        yield Problem(place, "group", group, rule, suggest(str(group), groups) or "create it")
    elif not set(groups[group]) & set(nodes):
        yield Problem(place, "group", group, "none of its hosts is in harvester_nodes", "put nodes into it")
    if not _LABEL_NAME.match(str(group)):
        remedy = "use letters, digits, '-', '_' and '.', at most 63, with a letter or digit at both ends"
        yield Problem(place, "group", group, "it cannot be the name of a label", remedy)


def _of_vm_network(where: str, item: Mapping[str, Any], known: set[tuple[str, str]]) -> Iterable[Problem]:
    name, namespace = str(item.get("name") or ""), str(item.get("namespace") or "default")
    place = "%s: VM network '%s/%s'" % (where, namespace, name)
    yield from _words(place, item, VM_NETWORK)
    yield from _state(place, item)
    if not name:
        yield Problem(where, "vm_networks", None, "a VM network has no name", "give name")
    elif (namespace, name) in known:
        yield Problem(place, "name", None, "it is there twice", "a VM network belongs to one cluster network")
    known.add((namespace, name))


def _words(where: str, given: Mapping[str, Any], known: Sequence[str]) -> Iterable[Problem]:
    for word in given:
        if word not in known:
            remedy = suggest(word, known) or "known are %s" % ", ".join(sorted(known))
            yield Problem(where, word, None, "unknown option", remedy)


def _state(where: str, given: Mapping[str, Any]) -> Iterable[Problem]:
    if given.get("state", PRESENT) not in (PRESENT, ABSENT):
        yield Problem(where, "state", given["state"], "it is neither present nor absent")
