# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved between nodes, and whose fault a failed proof is. Pure; private to the collection."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError

WHERE = "path_proof_networks"
SEPARATOR = "|"
PROVED = "proved"


def key(network: Mapping[str, Any]) -> str:
    """The key of the network's endpoint on every node."""
    return (
        f"vlan{network['vlan_id']}"
        if network.get("vlan_id") is not None
        else str(network["device"]).replace(".", "-").lower()
    )


def label(network: Mapping[str, Any]) -> str:
    return str(
        network.get("name")
        or (f"VLAN {network['vlan_id']}" if network.get("vlan_id") is not None else network["device"])
    )


def endpoints(
    networks: Sequence[Mapping[str, Any]], hosts: Sequence[str], host: str, subnet: str
) -> list[dict[str, Any]]:
    """The endpoints of one node, as module ``probe_endpoint`` takes them.

    networks: ``device`` (its own address is used) or ``vlan_id`` (a temporary endpoint), with ``mtu`` in bytes, and
    ``bridge`` and ``uplink``. Each node has the same place in ``subnet`` on every VLAN. Raises ValidationError.
    """
    problems = [
        Problem(
            WHERE,
            "",
            label(network) if network.get("vlan_id") or network.get("device") else str(dict(network)),
            "a network has either device or vlan_id",
            "give one of them",
        )
        for network in networks
        if (network.get("device") is None) == (network.get("vlan_id") is None)
    ]
    try:
        net = ipaddress.IPv4Network(subnet)
    except ValueError as error:
        raise ValidationError(
            [Problem("path_proof_subnet", "", subnet, str(error), "give a network, 198.18.0.0/24")]
        ) from error
    if net.num_addresses - 2 < len(hosts):
        problems.append(
            Problem(
                "path_proof_subnet",
                "",
                subnet,
                f"it has no address for each of {len(hosts)} nodes",
                "give a larger one",
            )
        )
    if problems:
        raise ValidationError(problems)
    address = f"{net[list(hosts).index(host) + 1]}/{net.prefixlen}"
    found = []
    for network in networks:
        if network.get("device") is not None:
            found.append({"key": key(network), "device": network["device"]})
            continue
        given = {name: network[name] for name in ("bridge", "uplink") if network.get(name) is not None}
        found.append({"key": key(network), "vlan_id": int(network["vlan_id"]), "address": address} | given)
    return found


def paths(
    networks: Sequence[Mapping[str, Any]], made: Mapping[str, Iterable[Mapping[str, Any]]], host: str
) -> list[dict[str, Any]]:
    """The paths from one node to every other, as module ``path_mtu`` takes them.

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
            path["device"] = here["device"]
            if here.get("namespace"):
                path["namespace"] = here["namespace"]
            if network.get("larger"):
                path["larger"] = network["larger"]
            found.append(path)
    return found


def culprits(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Why the proof failed, a line per finding; empty when everything is proved. results: ``path_mtu`` per node."""
    lines: list[str] = []
    legs = _bad_legs(results)
    explained: dict[str, set[str]] = {}
    for (node, port), found in legs.items():
        for network, text in found.items():
            lines.append(f"{network}: {node}, leg {port}: {text}")
            explained.setdefault(network, set()).add(node)
    lines += _unproved_legs(results, legs)
    failed = _failed(results)
    for network, pairs in failed.items():
        rest = {pair: item for pair, item in pairs.items() if not explained.get(network, set()) & set(pair)}
        lines += _of_network(network, rest, _pairs(results, network))
    return lines


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
    if not failed:
        return []
    nodes = sorted({node for pair in pairs for node in pair})
    if set(failed) == pairs and len(nodes) > 2:
        return [
            f"{network}: no pair of {', '.join(nodes)}: {_what(failed.values())}; {_switch(network, failed.values())}"
        ]
    # A node is to blame when every failed pair has it, and everything that has it failed.
    for node in nodes:
        own = {pair for pair in pairs if node in pair}
        if (
            set(failed) <= own
            and {frozenset(pair) for pair in failed} == {frozenset(pair) for pair in own}
            and len(nodes) > 2
        ):
            what = f"{_what(failed.values())}; {_switch(network, failed.values())}"
            return [f"{network}: {node}, with every other node: {what}"]
    return [f"{network}: {one} to {other}: {item['why']}" for (one, other), item in sorted(failed.items())]


def _what(items: Iterable[Mapping[str, Any]]) -> str:
    items = list(items)
    if all(item["status"] == "no_path" for item in items):
        return "no frame passes"
    sizes = sorted({item["largest"] for item in items if item.get("largest") is not None})
    if all(item["status"] == "mtu_larger" for item in items):
        return f"{items[0]['mtu']} bytes pass, and one byte more does too"
    wanted = max(item["mtu"] for item in items)
    return f"{wanted} bytes do not pass, at most {' or '.join(map(str, sizes)) or 'none'} do"


def _switch(network: str, items: Iterable[Mapping[str, Any]]) -> str:
    if all(item["status"] == "no_path" for item in items):
        return f"see whether its switch ports carry {network}, and whether bond and bridge have it"
    return "see the MTU of its switch ports, and of what lies between"


def _bad_legs(results: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """Legs on which a network fails to every peer that another leg of the same node reaches, by network."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for node, result in results.items():
        legs = [leg for leg in result.get("legs", ()) if leg.get("paths")]
        for leg in legs:
            for network in sorted({_split(item["name"])[0] for item in leg["paths"]}):
                bad = {
                    item["name"]: item
                    for item in leg["paths"]
                    if item["status"] != PROVED and _split(item["name"])[0] == network
                }
                good = {
                    item["name"]
                    for other in legs
                    if other["port"] != leg["port"]
                    for item in other["paths"]
                    if item["status"] == PROVED
                }
                if bad and set(bad) & good:
                    state = "the active one" if leg["was_active"] else "not the active one"
                    text = f"{_what(bad.values())} ({state}); see its cable and switch port"
                    found.setdefault((node, leg["port"]), {})[network] = text
    return found


def _unproved_legs(results: Mapping[str, Mapping[str, Any]], named: Mapping[tuple[str, str], Any]) -> list[str]:
    return [
        f"{node}, leg {leg['port']}: {leg['status'].replace('_', ' ')}: {leg['why']}"
        for node, result in results.items()
        for leg in result.get("legs", ())
        if leg["status"] in ("down", "not_proved") and (node, leg["port"]) not in named
    ]
