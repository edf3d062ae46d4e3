# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is timed: plays, with what has to be on the nodes before each and what each must report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import proofs, sets
from bench.sets import Target

Items = Callable[[Target], Any]
Task = dict[str, Any]

FLOOR = "floor"
OURS, PEER, PROOF = "profiles", "community.general.nmcli", "path_mtu"


@dataclass(frozen=True)
class Case:
    """One timed play.

    items: what each node gets as the variable `items`. before: `clean` (none of the five there), `many:N` (N files of
    the many there), `endpoints:N` or nothing (as the case before left it). changed: what every node must report, None
    where that is the other side's business. playbook: run instead of a play with the task, on a lab only. live:
    whether a change becomes live by the transient unit. once: timed once, after all rounds, and counted on one node,
    for a play that takes twenty minutes and more.
    """

    name: str
    title: str
    side: str
    task: Task
    items: Items = field(default=lambda _target: [])
    before: str = ""
    changed: bool | None = False
    playbook: str = ""
    live: bool = False
    once: bool = False

    def play(self, targets: Sequence[Target]) -> list[dict[str, Any]]:
        return [
            {
                "hosts": ":".join(target.name for target in targets),
                "gather_facts": False,
                "vars": {"bench": {target.name: self.items(target) for target in targets}},
                "tasks": [{"name": self.name, **self.task}],
            }
        ]


def _ours(apply: str = "live") -> Task:
    return {"harvester.network.profiles": {"profiles": "{{ bench[inventory_hostname] }}", "apply": apply}}


def _peer() -> Task:
    options = {name: "{{ item.%s | default(omit) }}" % name for name in sets.PEER_OPTIONS}
    fixed = {"state": "present", "conn_name": "{{ item.conn_name }}", "type": "{{ item.type }}"}
    return {
        PEER: {**fixed, **options},
        "loop": "{{ bench[inventory_hostname] }}",
        "loop_control": {"label": "{{ item.conn_name }}"},
    }


def _set(mtu: int, secondary: tuple[int, ...] = ()) -> Items:
    return lambda target: sets.ours(target, mtu, secondary)


def _peer_set(mtu: int) -> Items:
    return lambda target: sets.peer(target, mtu)


def _many(count: int, mtu: int = sets.MANY_MTU) -> Items:
    return lambda target: sets.many(target, count, mtu)


def _peer_many(count: int, mtu: int = sets.MANY_MTU) -> Items:
    return lambda target: sets.peer_many(target, count, mtu)


def _of_many(count: int) -> list[Case]:
    what, there = "%d VLAN profiles" % count, "many:%d" % count
    other = _many(count, sets.MANY_OTHER_MTU)
    return [
        Case("create-%d" % count, "%s, create" % what, OURS, _ours(), _many(count), "clean", True),
        Case("same-%d" % count, "%s, no change" % what, OURS, _ours(), _many(count), there),
        Case("modify-%d" % count, "%s, modify" % what, OURS, _ours(), other, there, True),
    ]


def _peer_of_many(count: int, once: bool) -> list[Case]:
    what = "%d VLAN profiles" % count
    items, other = _peer_many(count), _peer_many(count, sets.MANY_OTHER_MTU)
    return [
        Case("peer-create-%d" % count, "%s, create" % what, PEER, _peer(), items, "clean", None, once=once),
        Case("peer-same-%d" % count, "%s, no change" % what, PEER, _peer(), items, changed=None, once=once),
        Case("peer-modify-%d" % count, "%s, modify" % what, PEER, _peer(), other, changed=None, once=once),
    ]


def _proof() -> Task:
    return {
        "harvester.network.path_mtu": {"paths": "{{ bench[inventory_hostname] }}"},
        "when": "bench[inventory_hostname] | length > 0",
    }


def _pairs(count: int) -> Items:
    return lambda target: proofs.all_pairs(target, count)


DESIRED = {"vlan_id": 2017, "mtu": 1500}
"""The management network of the lab's nodes, as playbooks are told it."""

# a change touches four of the five: MTU on three devices, two more VLAN ids on bond and bridge
JUMBO, MORE = 9000, (2998, 2997)

CASES: tuple[Case, ...] = (
    Case(FLOOR, "bare ping", FLOOR, {"ansible.builtin.ping": {}}),
    Case("skeleton", "module that reads nmcli, ip, bridge and does nothing else", FLOOR, {"bench_skeleton": {}}),
    Case("create", "five profiles, create, live", OURS, _ours(), _set(1500), "clean", True, live=True),
    Case("same", "five profiles, no change", OURS, _ours(), _set(1500)),
    Case("modify", "five profiles, modify, live", OURS, _ours(), _set(JUMBO, MORE), changed=True, live=True),
    Case("create-files", "five profiles, create, files only", OURS, _ours("reboot"), _set(1500), "clean", True),
    Case("modify-files", "five profiles, modify, files only", OURS, _ours("reboot"), _set(JUMBO, MORE), changed=True),
    Case("peer-create", "five profiles, create", PEER, _peer(), _peer_set(1500), "clean", None),
    Case("peer-same", "five profiles, no change", PEER, _peer(), _peer_set(1500), changed=None),
    Case("peer-modify", "five profiles, modify (not live)", PEER, _peer(), _peer_set(JUMBO), changed=None),
    *(case for count in sets.MANY_SIZES for case in _of_many(count)),
    *_peer_of_many(min(sets.MANY_SIZES), once=False),
    *_peer_of_many(max(sets.MANY_SIZES), once=True),
    Case("proof", "playbook mgmt_proof, all nodes", PROOF, {}, changed=None, playbook="harvester.network.mgmt_proof"),
    *(
        Case(
            "pairs-%d" % count,
            "%d endpoints of one node, all pairs" % count,
            PROOF,
            _proof(),
            _pairs(count),
            "endpoints:%d" % count,
        )
        for count in proofs.SIZES
    ),
)
