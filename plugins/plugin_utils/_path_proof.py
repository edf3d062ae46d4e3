# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved between nodes, and whose fault a failed proof is. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError
from . import _addresses

WHERE = "path_proof_networks"
SEPARATOR = "|"
MGMT_BRIDGE = "mgmt-br"
EVERYWHERE = "0.0.0.0/0"
"""Not a route to the target alone, since a node that has one for a single address uses that address (path_mtu)."""
PROVED, NOT_PROVED, NO_PATH, LARGER, DOWN = "proved", "not_proved", "no_path", "mtu_larger", "down"
_CERTAIN = ("mtu_too_small", LARGER, NO_PATH)
"""Of several failures of a leg the first is told: what is certain before what may have another cause."""


def key(network: Mapping[str, Any]) -> str:
    """The key of the network's endpoint on every node."""
    if network.get("vlan_id") is None:
        return str(network["device"]).replace(".", "-").lower()
    custom = _cluster_network(network)
    return f"{custom.lower()}-{network['vlan_id']}" if custom else f"vlan{network['vlan_id']}"


def label(network: Mapping[str, Any]) -> str:
    if network.get("name"):
        return str(network["name"])
    if network.get("vlan_id") is None:
        return str(network["device"])
    custom = _cluster_network(network)
    return f"VLAN {network['vlan_id']}" + (f" of {custom}" if custom else "")


def _cluster_network(network: Mapping[str, Any]) -> str:
    """The custom cluster network that the bridge belongs to; empty for mgmt, which is meant without a bridge."""
    bridge = str(network.get("bridge") or MGMT_BRIDGE)
    return "" if bridge == MGMT_BRIDGE else bridge.removesuffix("-br")


def _has(network: Mapping[str, Any], host: str) -> bool:
    return network.get("nodes") is None or host in network["nodes"]


def of_hosts(networks: Iterable[Mapping[str, Any]], nodes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Networks whose ``nodes`` are names in the cluster, with inventory names instead.

    nodes: the hosts of harvester_nodes with their names in the cluster. Raises ValidationError for a node that is none
    of them: nothing would be proved for it.
    """
    found = []
    problems = []
    for network in networks:
        missing = [name for name in network["nodes"] if name not in nodes.values()]
        if missing:
            rule = f"{label(network)} is on {', '.join(missing)}, which no host of harvester_nodes is"
            remedy = "add the hosts, or set harvester_node_name where the names differ"
            problems.append(Problem(WHERE, "", None, rule, remedy))
        hosts = [host for host, node in nodes.items() if node in network["nodes"]]
        found.append({**network, "nodes": hosts})
    if problems:
        raise ValidationError(problems)
    return found


def endpoints(
    networks: Sequence[Mapping[str, Any]], hosts: Sequence[str], host: str, subnet: str
) -> list[dict[str, Any]]:
    """The endpoints of one node, as module ``probe_endpoint`` takes them.

    networks: ``device`` (its own address is used) or ``vlan_id`` (a temporary endpoint), with ``mtu`` in bytes,
    ``bridge`` and ``uplink``, and ``nodes`` when not all hosts have it. Each node has the same place in ``subnet`` on
    every VLAN, and in the range of a network that has its own ``subnet``. Raises ValidationError, MissingLibrary.
    """
    problems = _of_networks(networks)
    place = f"path_proof_subnet={subnet}"
    addresses: list[str] = []
    try:
        addresses = _addresses.first_hosts(subnet, len(hosts))
    except _addresses.AddressError as error:
        problems.append(Problem(place, "", None, str(error), "give another, as 198.18.0.0/24"))
    own = [_own_addresses(network, hosts, problems) for network in networks]
    if problems:
        raise ValidationError(problems)
    address = addresses[list(hosts).index(host)]
    found: list[dict[str, Any]] = []
    for network, of_range in zip(networks, own, strict=True):
        if not _has(network, host):
            continue
        if network.get("device") is not None:
            found.append({"key": key(network), "device": network["device"]})
            continue
        given = {name: network[name] for name in ("bridge", "uplink", "mtu") if network.get(name) is not None}
        endpoint = {"key": key(network), "vlan_id": int(network["vlan_id"]), "address": of_range.get(host, address)}
        if network.get("target") is not None:
            given["routes"] = [{"to": EVERYWHERE, "via": network["gateway"]}]
        found.append(endpoint | given)
    return found


def _own_addresses(network: Mapping[str, Any], hosts: Sequence[str], problems: list[Problem]) -> dict[str, str]:
    """Host -> address in the network's own subnet; empty without one."""
    if network.get("subnet") is None or network.get("vlan_id") is None:
        return {}
    names = [name for name in hosts if _has(network, name)]
    exclude = [network["gateway"]] if network.get("gateway") is not None else []
    ends = network.get("range_start"), network.get("range_end")
    try:
        found = _addresses.first_hosts(network["subnet"], len(names), exclude, *ends)
    except _addresses.AddressError as error:
        problems.append(Problem(f"{WHERE}, {label(network)}", "", None, str(error), "give a range of free addresses"))
        return {}
    return dict(zip(names, found, strict=True))


def _of_networks(networks: Sequence[Mapping[str, Any]]) -> list[Problem]:
    found = []
    keys = []
    for network in networks:
        if (network.get("device") is None) == (network.get("vlan_id") is None):
            rule = f"{dict(network)} needs either device or vlan_id"
            found.append(Problem(WHERE, "", None, rule, "give one of the two"))
            continue
        if key(network) in keys:
            rule = f"{label(network)} is there twice"
            found.append(Problem(WHERE, "", None, rule, "list each device and each VLAN of a bridge once"))
        keys.append(key(network))
        for option, needed in (("gateway", "subnet"), ("target", "gateway"), ("target_mtu", "gateway")):
            if network.get(option) is not None and network.get(needed) is None:
                where = f"{WHERE}, {label(network)}"
                found.append(Problem(where, option, network[option], f"needs {needed}", f"give {needed} of the VLAN"))
        if network.get("subnet") is not None and network.get("vlan_id") is None:
            rule = "has no meaning for a device, whose own address is used"
            found.append(Problem(f"{WHERE}, {label(network)}", "subnet", network["subnet"], rule, "leave it out"))
    return found


def paths(
    networks: Sequence[Mapping[str, Any]], made: Mapping[str, Iterable[Mapping[str, Any]]], host: str
) -> list[dict[str, Any]]:
    """The paths from one node to every other and through a router, as module ``path_mtu`` takes them.

    made: per node the endpoints that ``probe_endpoint`` returned; a node without one of the network has no path.
    """
    at = {node: {item["key"]: item for item in items} for node, items in made.items()}
    found = []
    for network in networks:
        here = at.get(host, {}).get(key(network))
        if here is None:
            continue
        for node, items in at.items():
            there = items.get(key(network))
            if node == host or there is None:
                continue
            mtu = network.get("mtu") or min(here["mtu"], there["mtu"])
            path = {"name": f"{label(network)}{SEPARATOR}{node}", "peer": there["address"], "mtu": int(mtu)}
            if network.get("larger"):
                path["larger"] = network["larger"]
            found.append(path | _line(here))
        if network.get("gateway") is not None:
            found.append(_outside(network, here) | _line(here))
    return found


def _line(here: Mapping[str, Any]) -> dict[str, Any]:
    found = {"device": here["device"]}
    return found | {"namespace": here["namespace"]} if here.get("namespace") else found


def _outside(network: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any]:
    """The path to the gateway, or by it to the target. Where less than the network's MTU has to pass, more may."""
    gateway, target = network["gateway"], network.get("target")
    peer = f"gateway {gateway}" if target is None else f"{target} through {gateway}"
    full = int(network.get("mtu") or here["mtu"])
    mtu = int(network.get("target_mtu") or full)
    found = {"name": f"{label(network)}{SEPARATOR}{peer}", "peer": target or gateway, "mtu": mtu}
    larger = "allow" if mtu < full else network.get("larger")
    return found | {"larger": larger} if larger else found


def culprits(
    results: Mapping[str, Mapping[str, Any]], ports_up: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """Why the proof failed, a line per finding; empty when everything is proved.

    results: ``path_mtu`` per node. ports_up: by node the ports that have to carry traffic; all of a node without them.
    """
    lines: list[str] = []
    legs = _bad_legs(results)
    explained: dict[str, set[str]] = {}
    for (network, node, port), found in legs.items():
        active = [leg["port"] for leg in results[node]["legs"] if leg["was_active"]]
        state = "not the active one" if port not in active else "the active one" if len(active) == 1 else "in use"
        lines.append(f"{network}: {node}, leg {port}: {_what(found)} ({state}); see its cable and switch port")
        if port in active:
            # What goes by it without being about legs fails too, on both ends.
            explained.setdefault(network, set()).add(node)
    lines += _unproved_legs(results, ports_up or {})
    failed = _failed(results)
    lines += _single_paths(results, legs, explained, failed)
    for network, pairs in failed.items():
        rest = {pair: item for pair, item in pairs.items() if not explained.get(network, set()) & set(pair)}
        lines += _of_network(network, rest, _pairs(results, network))
    return lines


def bad_legs(results: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """What does not pass by a leg though it does by another one of the same node, by node and port, a line per network.

    A path that fails by every leg of its node is no leg's fault.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for (network, node, port), items in _bad_legs(results).items():
        found.setdefault((node, port), []).append(f"{network}: {_what(items)}")
    return found


def seen(earlier: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a node has found in several proofs, as ``path_mtu`` returns one: of a path the last result, of a leg too.

    answer: of the last proof; without ``paths`` where the node sent nothing.
    """
    found = {}
    for name, key in (("paths", "name"), ("legs", "port")):
        known = {item[key]: item for item in (*earlier.get(name, ()), *answer.get(name, ()))}
        found[name] = list(known.values())
    return found


def _split(name: Any) -> tuple[str, str]:
    network, _separator, node = str(name).rpartition(SEPARATOR)
    return network, node


def _failed(results: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[tuple[str, str], Mapping[str, Any]]]:
    """Failed paths by network and (from, to)."""
    found: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = {}
    for node, result in results.items():
        for item in result.get("paths", ()):
            if item["status"] != PROVED:
                network, peer = _split(item["name"])
                found.setdefault(network, {})[(node, peer)] = item
    return found


def _pairs(results: Mapping[str, Mapping[str, Any]], network: str) -> set[tuple[str, str]]:
    return {
        (node, _split(item["name"])[1])
        for node, result in results.items()
        for item in result.get("paths", ())
        if _split(item["name"])[0] == network
    }


def _of_network(
    network: str, failed: Mapping[tuple[str, str], Mapping[str, Any]], pairs: set[tuple[str, str]]
) -> list[str]:
    senders = {one for one, _other in pairs}
    # What lies outside only answers.
    outside = sorted({other for _one, other in pairs} - senders)
    nodes = sorted(senders) + outside
    kinds = {item["status"] for item in failed.values()}
    if len(kinds) == 1 and kinds <= set(_CERTAIN) and len(nodes) > 2:
        found = f"{_what(failed.values())}; {_switch(network, failed.values())}"
        if set(failed) == pairs:
            return [f"{network}: no pair of {', '.join(nodes)}: {found}"]
        ends = {frozenset(pair) for pair in failed}
        for peer in outside:
            if set(failed) == {pair for pair in pairs if peer in pair}:
                return [f"{network}: {peer}, from every node: {_what(failed.values())}; {_router(failed.values())}"]
        for node in nodes:
            # A node is to blame when every failed pair has it, and everything that has it failed.
            if ends == {frozenset(pair) for pair in pairs if node in pair}:
                return [f"{network}: {node}, with every other node: {found}"]
    return [f"{network}: {one} to {other}: {item['why']}" for (one, other), item in sorted(failed.items())]


def _what(items: Iterable[Mapping[str, Any]]) -> str:
    """In words; of several kinds of failure the most certain one."""
    items = list(items)
    status = next((name for name in _CERTAIN if any(item["status"] == name for item in items)), NOT_PROVED)
    items = [item for item in items if item["status"] == status] or items
    if status == NO_PATH:
        return "no frame passes"
    if status == LARGER:
        return f"{items[0]['mtu']} bytes pass, and one byte more does too"
    if status == NOT_PROVED:
        return str(items[0]["why"])
    sizes = sorted({item["largest"] for item in items if item.get("largest") is not None})
    wanted = max(item["mtu"] for item in items)
    return f"{wanted} bytes do not pass, at most {' or '.join(map(str, sizes)) or 'none'} do"


def _switch(network: str, items: Iterable[Mapping[str, Any]]) -> str:
    status = next(iter(items))["status"]
    if status == NO_PATH:
        return f"see whether its switch ports carry {network}, and whether bond and bridge have it"
    if status == LARGER:
        return "see the MTU of the devices on the nodes, it is larger than asked for"
    return "see the MTU of its switch ports, and of what lies between"


def _router(items: Iterable[Mapping[str, Any]]) -> str:
    status = next(iter(items))["status"]
    if status == NO_PATH:
        return "see whether it is up and answers pings, and whether the VLAN reaches its router"
    if status == LARGER:
        return "see the MTU of the devices on the nodes, it is larger than asked for"
    return "see the MTU of the router on this VLAN, and of what lies between"


def _on_leg(leg: Mapping[str, Any], network: str) -> dict[str, Mapping[str, Any]]:
    """What was found out on a leg, by peer. In modes that use all ports not every path takes every leg."""
    return {
        _split(item["name"])[1]: item
        for item in leg.get("paths", ())
        if item["status"] != NOT_PROVED and _split(item["name"])[0] == network
    }


def _networks(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = [_split(item["name"])[0] for result in results.values() for item in result.get("paths", ())]
    return list(dict.fromkeys(names))


def _bad_legs(results: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
    """Legs that fail to every peer that another leg of the same node reaches, by network, node and port.

    Every peer: a bad leg of a peer also fails from here, and with a bond that spreads it may do so on one leg only.
    """
    found = {}
    for node, result in results.items():
        for leg in result.get("legs", ()):
            for network in _networks(results):
                here = _on_leg(leg, network)
                good = {
                    peer
                    for other in result["legs"]
                    if other["port"] != leg["port"]
                    for peer, item in _on_leg(other, network).items()
                    if item["status"] == PROVED
                }
                bad = [here[peer] for peer in good & set(here) if here[peer]["status"] != PROVED]
                if bad and len(bad) == len(good & set(here)):
                    found[(network, node, leg["port"])] = sorted(bad, key=lambda item: str(item["name"]))
    return found


def _single_paths(
    results: Mapping[str, Mapping[str, Any]],
    named: Mapping[tuple[str, str, str], Any],
    explained: Mapping[str, set[str]],
    failed: Mapping[str, Mapping[tuple[str, str], Any]],
) -> list[str]:
    """Paths that fail on a leg and that nothing else explains: a leg of either end, or the path as a whole."""
    lines = []
    for node, result in results.items():
        for leg in result.get("legs", ()):
            for network in _networks(results):
                for peer, item in _on_leg(leg, network).items():
                    known = (network, node, leg["port"]) in named or peer in explained.get(network, ())
                    known = known or (node, peer) in failed.get(network, {})
                    if item["status"] != PROVED and not known:
                        lines.append(f"{network}: {node}, leg {leg['port']}, to {peer}: {item['why']}")
    return lines


def _unproved_legs(results: Mapping[str, Mapping[str, Any]], ports_up: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"{node}, leg {leg['port']}: {leg['status'].replace('_', ' ')}: {leg['why']}"
        for node, result in results.items()
        for leg in result.get("legs", ())
        if leg["status"] == NOT_PROVED or (leg["status"] == DOWN and leg["port"] in ports_up.get(node, [leg["port"]]))
    ]
