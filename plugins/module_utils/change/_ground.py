# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a change would take its own ground away: a VM that stops, and that the run itself needs.

The runner may be a VM of the cluster, or come in through one, and the way to the nodes or to the API may lead through
one. A change that stops such a VM ends where it cannot go on, and where nobody can start the VM again. This module
util is private to the collection.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

from ..cluster import _objects
from ..cluster._kinds import title
from ..cluster._snapshot import Snapshot
from ..cluster.rules import Objection
from ..common._errors import Problem, ValidationError

RULE, SOURCE = "own-ground", "the run itself"
_BUT = "; where another network has the same address, give change_runner_outside=true"
_FROM_OUTSIDE = "run it from a host that is no VM of this cluster, and not through one"
_OTHER_API = "reach the API another way, as by the VIP of the cluster"
_OTHER_WAY = "reach the nodes another way, as from their own network"
_OTHER_NAMES = "give addresses instead of names, or another name server"


class Runner(NamedTuple):
    """What the runner is, seen from itself.

    addresses, macs: its own. api: addresses by which it reaches the API, its proxy included. name_servers: what it asks
    for names, by address; empty where it needs no names.
    """

    addresses: Tuple[str, ...] = ()
    macs: Tuple[str, ...] = ()
    api: Tuple[str, ...] = ()
    name_servers: Tuple[str, ...] = ()


class Session(NamedTuple):
    """What the nodes see of the run.

    clients: node -> the address that the run comes from. gateways: node -> the gateway by which it answers. names: what
    the run calls the nodes, names or addresses.
    """

    clients: Mapping[str, str] = {}
    gateways: Mapping[str, str] = {}
    names: Tuple[str, ...] = ()


class _Need(NamedTuple):
    """what: a VM's part in the run, as a sentence part with one %s for the address."""

    value: str
    what: str
    remedy: str


def session(given: Mapping[str, Any]) -> Session:
    """The session of a module's option. Raises ValidationError."""
    known = Session._fields
    problems = [Problem("session", key, given[key], "is none of its keys") for key in sorted(set(given) - {*known})]
    found: Dict[str, Dict[str, str]] = {}
    for key in ("clients", "gateways"):
        nodes = given.get(key) or {}
        if isinstance(nodes, Mapping):
            found[key] = {str(node): str(address) for node, address in nodes.items() if address}
        else:
            problems.append(Problem("session", key, nodes, "has to be a dictionary of nodes with addresses"))
    if problems:
        raise ValidationError(problems)
    return Session(names=tuple(map(str, given.get("names") or ())), **found)


def objections(snapshot: Snapshot, stops: Iterable[str], seen: Session, runner: Runner) -> List[Objection]:
    """One for each VM that would stop and that the run needs. stops: "namespace/name".

    Addresses are those that KubeVirt shows of the instance: of the pod network, and what the guest agent reports. One
    that a guest without an agent gave itself is not known.
    """
    needs = list(_needs(seen, runner))
    found = []
    for reference in sorted(set(stops)):
        own = _of(snapshot, reference)
        parts = {need.what % need.value: need.remedy for need in needs if _plain(need.value) in own}
        if parts:
            namespace, _slash, name = reference.rpartition("/")
            message = "it would stop, and the phases after that need it: %s" % "; ".join(parts)
            remedy = "; ".join(dict.fromkeys(parts.values())) + _BUT
            found.append(Objection(RULE, title("vms", namespace, name), message, SOURCE, remedy, "ours"))
    return found


def _needs(seen: Session, runner: Runner) -> Iterable[_Need]:
    for address, nodes in _by_address(seen.clients):
        yield _Need(address, "this run comes from it, by its address %%s that %s saw" % nodes, _FROM_OUTSIDE)
    for address in runner.addresses:
        yield _Need(address, "this run has its address %s", _FROM_OUTSIDE)
    for mac in runner.macs:
        yield _Need(mac, "this run has its MAC %s", _FROM_OUTSIDE)
    for address in runner.api:
        yield _Need(address, "the API is reached by its address %s", _OTHER_API)
    for address, nodes in _by_address(seen.gateways):
        yield _Need(address, "its address %%s is the gateway for answers of %s to this run" % nodes, _OTHER_WAY)
    for address in runner.name_servers:
        yield _Need(address, "its address %s is a name server of this run", _OTHER_NAMES)


def _by_address(nodes: Mapping[str, str]) -> List[Tuple[str, str]]:
    """(address, its nodes), each address once."""
    found: Dict[str, List[str]] = {}
    for node, address in sorted(nodes.items()):
        found.setdefault(address, []).append(node)
    return [(address, _objects.listed(names)) for address, names in found.items()]


def _of(snapshot: Snapshot, reference: str) -> Sequence[str]:
    """Addresses and MACs of a VM's instance."""
    namespace, _slash, name = reference.rpartition("/")
    item = snapshot.get("vmis", name, namespace) or {}
    found = []
    for interface in _objects.dig(item, "status", "interfaces") or ():
        found += [interface.get("ipAddress"), *(interface.get("ipAddresses") or ()), interface.get("mac")]
    for interface in _objects.dig(item, "spec", "domain", "devices", "interfaces") or ():
        found.append(interface.get("macAddress"))
    return [_plain(str(value)) for value in found if value]


def _plain(value: str) -> str:
    """One form for each address, without its prefix length or zone; MACs in lower case."""
    text = value.partition("/")[0].partition("%")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.lower()
