# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order nodes are rebooted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.plugin_utils._reboot_order import (
    CONTROL_PLANE,
    WITNESS,
    WORKERS,
    batches,
)

HOSTS = ["c1", "w1", "c2", "w2", "x", "c3", "w3"]
GROUPS: dict[str, list[str]] = {CONTROL_PLANE: ["c1", "c2"], WITNESS: ["c3"], WORKERS: ["w1", "w2", "w3"], "all": HOSTS}
MANY = [f"w{number}" for number in range(1, 8)]

# What is given beside the hosts and the groups; the turns.
CASES: dict[str, tuple[dict[str, Any], list[list[str]]]] = {
    "nobody": ({"nodes": []}, []),
    "by groups": ({}, [["w1"], ["w2"], ["w3"], ["x"], ["c3"], ["c1"], ["c2"]]),
    "only who needs it": ({"nodes": ["c2", "w2"]}, [["w2"], ["c2"]]),
    "without groups in the order of the run": ({"groups": {"all": HOSTS}}, [[host] for host in HOSTS]),
    "groups of other hosts": ({"groups": {WORKERS: ["y"]}}, [[host] for host in HOSTS]),
    "empty groups": ({"groups": {WORKERS: [], CONTROL_PLANE: []}, "nodes": ["w1", "c1"]}, [["c1"], ["w1"]]),
    "the last one": ({"last": "c1"}, [["w1"], ["w2"], ["w3"], ["x"], ["c3"], ["c2"], ["c1"]]),
    "the last one may be a worker": ({"last": "w1", "nodes": ["w1", "w2", "c1"]}, [["w2"], ["c1"], ["w1"]]),
    "the last one needs no reboot": ({"last": "c1", "nodes": ["c2", "w1"]}, [["w1"], ["c2"]]),
    "the last one without groups": ({"groups": {}, "nodes": ["c1", "w1", "x"], "last": "c1"}, [["w1"], ["x"], ["c1"]]),
    "late ones go last": (
        {"late": ["c1", "c3"], "nodes": ["w1", "c1", "c2", "c3"]},
        [["w1"], ["c2"], ["c1"], ["c3"]],
    ),
    "one that is late twice": ({"late": ["c1", "c2", "c1"], "nodes": ["c1", "c2", "c3"]}, [["c3"], ["c2"], ["c1"]]),
    "the last one after late ones": ({"late": ["c1"], "last": "c2", "nodes": ["c1", "c2"]}, [["c1"], ["c2"]]),
    "late ones of another run": ({"late": ["y"], "nodes": ["c1", "w1"]}, [["w1"], ["c1"]]),
    "late ones and a given order": ({"late": ["c1"], "order": ["c1", "w1"], "nodes": ["c1", "w1"]}, [["c1"], ["w1"]]),
    "a witness in the group of the control plane": (
        {"groups": GROUPS | {CONTROL_PLANE: ["c1", "c2", "c3"]}, "nodes": ["c1", "c2", "c3"]},
        [["c3"], ["c1"], ["c2"]],
    ),
    "a witness in the group of the workers": (
        {"groups": {WORKERS: [*MANY], WITNESS: ["w1"]}, "hosts": MANY, "max_unavailable": 2},
        [["w2", "w3"], ["w4", "w5"], ["w6", "w7"], ["w1"]],
    ),
    "workers that are members of etcd too": (
        {"groups": {WORKERS: MANY, CONTROL_PLANE: ["w1", "w2"]}, "hosts": MANY, "nodes": ["w1", "w2", "w3"]},
        [["w3"], ["w1"], ["w2"]],
    ),
    "a given order": ({"order": ["c1", "x", "w1"], "nodes": ["w1", "c1"]}, [["c1"], ["w1"]]),
    "a given order names nodes of another run": ({"order": ["y", "w2", "w1"], "nodes": ["w1", "w2"]}, [["w2"], ["w1"]]),
    "an order in one text": ({"order": "w2, w1,", "nodes": ["w1", "w2"]}, [["w2"], ["w1"]]),
    "an empty order": ({"order": [], "nodes": ["c1", "w1"]}, [["w1"], ["c1"]]),
    "two workers at a time": (
        {"groups": {WORKERS: MANY, CONTROL_PLANE: ["c1", "c2"]}, "hosts": ["c1", *MANY, "c2"], "max_unavailable": 2},
        [["w1", "w2"], ["w3", "w4"], ["w5", "w6"], ["w7"], ["c1"], ["c2"]],
    ),
    "workers of a given order go together where they are neighbours": (
        {
            "groups": {WORKERS: MANY},
            "hosts": ["c1", *MANY],
            "nodes": ["c1", *MANY],
            "order": ["w1", "c1", "w2", "w3", "w4", "w5", "w6", "w7"],
            "max_unavailable": 2,
        },
        [["w1"], ["c1"], ["w2", "w3"], ["w4", "w5"], ["w6", "w7"]],
    ),
}


def _batches(given: dict[str, Any]) -> list[list[str]]:
    hosts = given.get("hosts", HOSTS)
    return batches(**({"nodes": hosts, "hosts": hosts, "groups": GROUPS} | given))


@pytest.mark.parametrize("name", sorted(CASES))
def test_turns(name: str) -> None:
    given, expected = CASES[name]
    assert _batches(given) == expected


THIRD = (
    "worker(s) allow {} at a time (a third of them, so that volumes keep a replica and VMs find room); give {} or less"
)
REFUSALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "missing": (
        {"nodes": ["w1", "w2"], "order": ["w1", "w3"]},
        [
            (
                "ordered_reboot_order: w2 has to be rebooted and is not in it (w1, w3); add it at its place. No node"
                " was rebooted"
            ),
        ],
    ),
    "several missing": (
        {"nodes": ["w1", "w2", "x"], "order": ["w1"]},
        [
            (
                "ordered_reboot_order: w2, x have to be rebooted and are not in it (w1); add them at their places. No"
                " node was rebooted"
            ),
        ],
    ),
    "misspelt": (
        {"nodes": ["w1"], "order": "w-1"},
        [
            (
                "ordered_reboot_order: w1 has to be rebooted and is not in it (w-1); add it at its place. No node"
                " was rebooted"
            )
        ],
    ),
    "double": (
        {"nodes": ["w1"], "order": ["w1", "w2", "w1"]},
        ["ordered_reboot_order: w1 is there twice; name each node once"],
    ),
    "doubles": (
        {"nodes": ["w1"], "order": ["w1", "w2", "w2", "w1"]},
        ["ordered_reboot_order: w1, w2 are there twice; name each node once"],
    ),
    "order and last": (
        {"nodes": ["w1"], "order": ["w1"], "last": "w1"},
        [
            (
                "ordered_reboot_last=w1: it is for an order by groups, and ordered_reboot_order is given; write the"
                " node at the end of the order, or leave the order out"
            ),
        ],
    ),
    "last is misspelt": (
        {"last": "worker1", "hosts": ["worker-1", "cp"]},
        ["ordered_reboot_last=worker1: no node of this run has that name; did you mean 'worker-1'?"],
    ),
    "last is unknown": (
        {"last": "zzz", "hosts": ["w1", "c1"]},
        ["ordered_reboot_last=zzz: no node of this run has that name; nodes are w1, c1"],
    ),
    "none away": (
        {"max_unavailable": 0},
        ["ordered_reboot_max_unavailable=0: at least one node has to be away at a time; give 1"],
    ),
    "more than a third": ({"max_unavailable": 2}, ["ordered_reboot_max_unavailable=2: 3 " + THIRD.format(1, 1)]),
    "more than a third of those that are only workers": (
        {"hosts": MANY, "groups": {WORKERS: MANY, WITNESS: ["w1"]}, "max_unavailable": 3},
        ["ordered_reboot_max_unavailable=3: 6 " + THIRD.format(2, 2)],
    ),
    "workers that are not in this run do not count": (
        {"hosts": ["w1", "w2"], "groups": {WORKERS: MANY}, "max_unavailable": 2},
        ["ordered_reboot_max_unavailable=2: 2 " + THIRD.format(1, 1)],
    ),
    "no workers": (
        {"groups": {CONTROL_PLANE: ["c1"]}, "max_unavailable": 2},
        [
            (
                "ordered_reboot_max_unavailable=2: no node of this run is in group harvester_workers, so each counts as"
                " a member of etcd, which go one at a time; give 1, or put the workers into group harvester_workers"
            ),
        ],
    ),
    "everything at once": (
        {"nodes": ["w1"], "order": ["w2", "w2"], "max_unavailable": -1},
        [
            "ordered_reboot_order: w2 is there twice; name each node once",
            (
                "ordered_reboot_order: w1 has to be rebooted and is not in it (w2, w2); add it at its place. No node"
                " was rebooted"
            ),
            "ordered_reboot_max_unavailable=-1: at least one node has to be away at a time; give 1",
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refusals(name: str) -> None:
    given, expected = REFUSALS[name]
    with pytest.raises(ValidationError) as error:
        _batches(given)
    assert str(error.value).split("\n") == expected


NAMES = st.sampled_from([f"n{number}" for number in range(12)])


@given(
    st.lists(NAMES, unique=True, min_size=1),
    st.dictionaries(st.sampled_from([WORKERS, CONTROL_PLANE, WITNESS]), st.lists(NAMES)),
    st.data(),
)
def test_every_node_goes_once_and_members_of_etcd_go_alone(
    hosts: list[str], groups: dict[str, list[str]], data: st.DataObject
) -> None:
    nodes = data.draw(st.lists(st.sampled_from(hosts), unique=True))
    etcd = set(groups.get(CONTROL_PLANE, ())) | set(groups.get(WITNESS, ()))
    workers = set(groups.get(WORKERS, ())) & set(hosts) - etcd
    largest = data.draw(st.integers(1, max(1, len(workers) // 3)))
    last = data.draw(st.one_of(st.none(), st.sampled_from(hosts)))
    found = batches(nodes, hosts, groups, last=last, max_unavailable=largest)
    assert sorted(node for batch in found for node in batch) == sorted(nodes)
    assert all(len(batch) <= largest for batch in found)
    assert all(set(batch) <= workers for batch in found if len(batch) > 1)
    if last in nodes:
        assert found[-1][-1] == last
