# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary endpoints on a node: made and removed. This module util is private to the collection."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError, Problem, ValidationError
from . import _arp, _making, _surroundings
from ._endpoint import INNER, Wanted, check_name, namespace_of, parse, veth_of
from ._host import Host
from ._making import Plan, Planned
from ._record import Item, Record
from ._surroundings import WAY_OUT, Node

FORWARDING = 10.0
"""Seconds within which a new port of a bridge must forward; twice the forward delay more where STP runs."""


class Outcome(NamedTuple):
    """What a call did. before, after: texts for a diff."""

    changed: bool
    endpoints: Tuple[Dict[str, Any], ...] = ()
    expires: Optional[int] = None
    removed: Tuple[str, ...] = ()
    kept: Tuple[str, ...] = ()
    rearmed: bool = False
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()


def present(host: Host, name: str, lifetime: int, items: Sequence[Mapping[str, Any]], check: bool) -> Outcome:
    """Endpoints as asked for. Raises NetworkError; then nothing of a failed attempt is left."""
    wanted = parse(name, lifetime, items)
    host.require()
    node = _surroundings.read(host.run, host.namespaces())
    record = host.store.load(name)
    leaving = host.store.items(name) if host.store.exists(name) else ()
    problems = _surroundings.check(name, wanted, node, frozenset(item.name for item in leaving))
    alive = record is not None and record.expires > host.now()
    if record is not None and alive and list(record.endpoints) != [item.plain() for item in wanted]:
        rule = "is there already with other endpoints: %s" % ", ".join(str(item["key"]) for item in record.endpoints)
        problems.append(
            Problem("probe '%s'" % name, "", None, rule, "remove it with state=absent, or use another name")
        )
    if problems:
        raise ValidationError(problems)
    if record is not None and alive and _whole(host, record, wanted, node):
        return _keep(host, record, lifetime, wanted, node, check)
    stale = host.store.exists(name)
    if check:
        planned = _making.plan(name, wanted, node, host.store.shared(name), leaving)
        shown, lines = _shown(name, wanted, node, planned.made)
        old = tuple(str(item) for item in leaving if _there(item, node))
        expires = host.now() + lifetime if planned.items else None
        return Outcome(stale or bool(lines), shown, expires, old, before=old, after=lines)
    removed: Tuple[str, ...] = ()
    kept: Tuple[str, ...] = ()
    if stale:
        removed, kept = _remove(host, name, leaving)
        node = _surroundings.read(host.run, host.namespaces())
    planned = _making.plan(name, wanted, node, host.store.shared(name))
    shown, lines = _shown(name, wanted, node, planned.made)
    expires = _make(host, name, lifetime, wanted, planned) if planned.items else None
    return Outcome(stale or bool(lines), shown, expires, removed, kept, before=removed, after=lines)


def absent(host: Host, name: str, check: bool) -> Outcome:
    """Remove what a probe made, whatever its state. Raises NetworkError when something could not be removed."""
    problems = check_name(name)
    if problems:
        raise ValidationError(problems)
    host.require()
    if not host.store.exists(name):
        return Outcome(False)
    items = host.store.items(name)
    if check:
        node = _surroundings.read(host.run, host.namespaces())
        there = tuple(str(item) for item in items if _there(item, node))
        return Outcome(True, removed=there, before=there)
    removed, kept = _remove(host, name, items)
    return Outcome(True, removed=removed, kept=kept, before=removed)


def _remove(host: Host, name: str, items: Sequence[Item]) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    """What was removed and what was kept."""
    host.store.repair(name, items)
    found = host.clean(name)
    # Last: until here the timer would do the same.
    host.timer(name).stop()
    return tuple(found["removed"]), tuple(found["kept"])


def _there(item: Item, node: Node) -> bool:
    if item.kind == "veth":
        return item.name in node.devices
    if item.kind == "namespace":
        return item.name in node.namespaces
    return int(item.name) in node.vlans.get(item.words[0], {})


def _whole(host: Host, record: Record, wanted: Sequence[Wanted], node: Node) -> bool:
    """Whether a record's endpoints are all there, with their MTU, ids and addresses."""
    if not record.ready or not all(_there(item, node) for item in record.items):
        return False
    for item in wanted:
        if item.device is not None:
            continue
        bridge, veth = node.devices[item.bridge], node.devices.get(veth_of(record.name, item.key))
        if veth is None or veth.controller != item.bridge or not veth.up or veth.mtu != bridge.mtu:
            return False
        if bridge.filtering and not node.vlans.get(veth.name, {}).get(item.vlan_id, (False,))[0]:
            return False
        if bridge.filtering and item.uplink and item.vlan_id not in node.vlans.get(item.uplink, {}):
            return False
        if host.look(namespace_of(record.name, item.key)) != (item.address, item.mtu or bridge.mtu):
            return False
    return True


def _keep(host: Host, record: Record, lifetime: int, wanted: Sequence[Wanted], node: Node, check: bool) -> Outcome:
    """Endpoints that are there; the timer starts anew when less than half of the lifetime is left."""
    shown, lines = _shown(record.name, wanted, node, record.made)
    if (record.expires - host.now()) * 2 >= lifetime:
        return Outcome(False, shown, record.expires, before=lines, after=lines)
    later = record._replace(expires=host.now() + lifetime, lifetime=lifetime)
    before = lines + ("removal at %d" % record.expires,)
    if not check:
        timer = host.timer(record.name)
        # Between the old timer and the new one nothing would remove the endpoints.
        with host.undisturbed():
            timer.stop()
            try:
                host.store.write(later)
                timer.start(lifetime, host.program(record.name))
            except (NetworkError, OSError) as error:
                raise NetworkError("%s; %s" % (error, _clear(host, record.name, record.items))) from error
    return Outcome(
        True, shown, later.expires, rearmed=True, before=before, after=lines + ("removal at %d" % later.expires,)
    )


def _make(host: Host, name: str, lifetime: int, wanted: Sequence[Wanted], planned: Plan) -> int:
    """The time at which the endpoints are removed."""
    expires = host.now() + lifetime
    record = Record(name, expires, lifetime, tuple(item.plain() for item in wanted), planned.items, planned.made)
    _arm(host, record)
    try:
        _build(host, planned)
        if host.now() >= expires or host.store.load(name) is None:
            raise NetworkError(
                "probe '%s': the lifetime of %d seconds was over before the endpoints were ready; choose a longer one"
                % (name, lifetime)
            )
        host.store.write(record._replace(ready=True))
    except (NetworkError, OSError) as error:
        raise NetworkError("%s\n%s" % (error, _clear(host, name, planned.items))) from error
    except BaseException:
        _clear(host, name, planned.items)
        raise
    return expires


def _arm(host: Host, record: Record) -> None:
    """Write down what will be made and start the timer, before any of it is made."""
    try:
        host.store.write(record)
        timer = host.timer(record.name)
        # One that was left over would make systemd-run refuse.
        timer.stop()
        timer.start(record.lifetime, host.program(record.name))
    except (NetworkError, OSError) as error:
        # Nothing is there, so this only takes the files away; ids of others stay theirs.
        with contextlib.suppress(NetworkError, OSError):
            host.store.repair(record.name, ())
            host.clean(record.name)
        raise NetworkError("%s; nothing was made" % error) from error


def _clear(host: Host, name: str, items: Sequence[Item]) -> str:
    """Remove what a failed attempt made, and say so."""
    try:
        host.store.repair(name, items)
        host.clean(name)
    except (NetworkError, OSError) as error:
        return "%s; the timer on the node tries again" % error
    host.timer(name).stop()
    return "everything that was made was removed again"


def _build(host: Host, plan: Plan) -> None:
    endpoints, ipv6 = plan.endpoints, host.ipv6()
    _making.batch(host.run, _making.IP, _making.attach(endpoints, ipv6))
    _making.batch(host.run, _making.BRIDGE, _making.tables(endpoints, plan.uplinks))
    _making.batch(host.run, _making.IP, _making.raise_hosts(endpoints))
    for item in endpoints:
        _making.batch(host.run, ("ip", "-n", item.namespace, "-batch", "-"), _making.raise_inner(ipv6))
    _await_forwarding(host, endpoints)
    with contextlib.ExitStack() as stack:
        claims = []
        for item in endpoints:
            opened = stack.enter_context(host.socket(item.namespace))
            claims.append(_arp.Claim(item.wanted.key, item.wanted.address, opened.getsockname()[4], opened))
        _refuse_used(endpoints, _arp.find_users(claims))
        for item, claim in zip(endpoints, claims):
            _making.batch(host.run, ("ip", "-n", item.namespace, "-batch", "-"), _making.address(item.wanted))
            _arp.send(claim, _arp.announcement(claim))


def _await_forwarding(host: Host, endpoints: Sequence[Planned]) -> None:
    """A port that does not forward yet would find every address free."""
    start = host.clock()
    waiting = {item.veth: item.wanted.bridge for item in endpoints}
    delays = {item.wanted.bridge: 2 * item.forward_delay for item in endpoints}
    while True:
        for bridge in sorted(set(waiting.values())):
            ports = _surroundings.read_ports(host.run, bridge)
            for veth in [veth for veth, over in waiting.items() if over == bridge]:
                if veth in ports and ports[veth].forwarding:
                    del waiting[veth]
        if not waiting:
            return
        bound = FORWARDING + max(delays[bridge] for bridge in waiting.values())
        if host.clock() - start > bound:
            veth, bridge = sorted(waiting.items())[0]
            raise NetworkError("%s, port of %s, does not forward after %d seconds" % (veth, bridge, bound))
        host.pause()


def _refuse_used(endpoints: Sequence[Planned], users: Mapping[str, str]) -> None:
    problems = [
        Problem(
            item.where,
            "address",
            item.wanted.cidr,
            "is used on VLAN %d by %s" % (item.wanted.vlan_id, users[item.wanted.key]),
            WAY_OUT,
        )
        for item in endpoints
        if item.wanted.key in users
    ]
    if problems:
        raise ValidationError(problems)


def _shown(
    name: str, wanted: Sequence[Wanted], node: Node, made: Mapping[str, Sequence[str]]
) -> Tuple[Tuple[Dict[str, Any], ...], Tuple[str, ...]]:
    """The endpoints of the result, and what was made for them in one list."""
    shown = tuple(_result(name, item, node, made.get(item.key, ())) for item in wanted)
    return shown, tuple(text for item in shown for text in item["made"])


def _result(name: str, item: Wanted, node: Node, made: Sequence[str]) -> Dict[str, Any]:
    if item.device is not None:
        device = node.devices[item.device]
        return {
            "key": item.key,
            "namespace": None,
            "device": device.name,
            "address": device.address,
            "mtu": device.mtu,
            "made": [],
        }
    return {
        "key": item.key,
        "namespace": namespace_of(name, item.key),
        "device": INNER,
        "address": item.address,
        "mtu": item.mtu or node.devices[item.bridge].mtu,
        "made": list(made),
    }
