# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches, steps, plans, their order, and how a plan is carried out."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_api import Api
from cluster_objects import BASE, IDLE, config, having, network, node, status
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.cluster._carry_out import Executor, Pace, Timeout
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._goal import Goal, lacking, of_plan
from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster._patch import merge_patch
from ansible_collections.harvester.network.plugins.module_utils.cluster._plan import Step, judge, step
from ansible_collections.harvester.network.plugins.module_utils.cluster._shown import diff
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _uplink
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._order import ordered

LEAVES = st.one_of(st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=2))
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


@given(OBJECTS, OBJECTS)
def test_a_merge_patch_leads_from_one_object_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert merged(before, merge_patch(before, after)) == after


@given(OBJECTS)
def test_nothing_to_change_is_an_empty_patch(item: dict[str, Any]) -> None:
    assert merge_patch(item, item) == {}


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}, {"a": {"y": None}}),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": {"x": 1}}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": None}),
    ],
)
def test_merge_patch(before: Any, after: Any, patch: Any) -> None:
    assert merge_patch(before, after) == patch


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["active-backup", "802.3ad"]),
        "miimon": st.sampled_from([None, -1, 100, 200]),
        "mtu": st.sampled_from([None, 1500, 9000]),
        "tx_queue_length": st.sampled_from([None, -1, 500]),
        "hardware_address": st.sampled_from([None, "52:54:00:12:34:56"]),
    },
)


@given(OPTIONS, OPTIONS, st.booleans())
def test_an_uplink_as_wanted_is_left_alone(first: Any, second: Any, miimon_default_100: bool) -> None:
    uplink = _uplink.with_options(_uplink.with_options({"nics": ["a"]}, first, miimon_default_100), second, True)
    assert _uplink.with_options(uplink, second, True) == uplink
    assert uplink["nics"] == ["a"]


@given(st.binary(min_size=6, max_size=6))
def test_a_hardware_address_comes_back(address: bytes) -> None:
    text = address.hex(":")
    assert _uplink.decoded(_uplink.encoded(text)) == text


@pytest.mark.parametrize("text", [None, "no base64", "ä"])
def test_what_is_no_hardware_address_is_none(text: Any) -> None:
    assert _uplink.decoded(text) is None


def stored(name: str, on: Any = BASE) -> Any:
    found = on.get("vlanconfigs", name)
    assert found is not None
    return found


RACK_A = stored("rack-a")


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, RACK_A, "created"),
        (RACK_A, None, "removed"),
        (RACK_A, RACK_A, "unchanged"),
        (RACK_A, merged(RACK_A, {"spec": {"description": "x"}}), "changed"),
        (config("gone", matched=["n1"], deleting=True), None, "unchanged"),
    ],
)
def test_what_becomes_of_an_object(before: Any, after: Any, action: str) -> None:
    found = Step("vlanconfigs", before, after)
    assert (found.action, found.writes) == (action, action != "unchanged")
    assert found.title == "network configuration '%s'" % (after or before)["metadata"]["name"]


def test_a_step_needs_an_object() -> None:
    assert step("vlanconfigs", None, None) == ()
    with pytest.raises(ValueError, match=r"^a step needs an object$"):
        Step("vlanconfigs", None, None)


def test_each_step_is_judged_in_the_state_that_the_ones_before_it_leave() -> None:
    """A configuration on a cluster network that the step before it makes."""
    made = Step("clusternetworks", None, network("new", is_ready=False))
    used = Step("vlanconfigs", None, config("c", "new", ["eno4"], {"kubernetes.io/hostname": "n3"}, mtu=1500))
    assert judge(BASE, [made, used]).objections == []
    alone = judge(BASE, [used])
    assert [objection.rule for objection in alone.objections] == ["vlanconfig-network"]
    assert len(judge(BASE, [made, used]).states) == 3


def test_what_is_unchanged_is_not_judged() -> None:
    """An object that breaks rules and stays as it is raises nothing."""
    wrong = config("wrong", "cn2", ["mgmt-bo"], matched=["n3"], mtu=0)
    state = having(wrong)
    assert judge(state, [Step("vlanconfigs", wrong, wrong)]).objections == []


def on(name: str, host: str, *nics: str) -> Any:
    return config(name, "cn1", nics, {"kubernetes.io/hostname": host}, matched=[host])


def changed(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Step:
    return Step("vlanconfigs", on(name, *old), on(name, *new))


ORDERS = [
    ("nodes", [changed("a", ("n1", "e"), ("n2", "e")), changed("b", ("n2", "e"), ("n3", "e"))], "ba"),
    ("nics", [changed("a", ("n1", "e"), ("n1", "e", "f")), changed("b", ("n1", "f"), ("n1", "g"))], "ba"),
    ("free", [changed("a", ("n1", "e"), ("n2", "e")), changed("b", ("n3", "e"), ("n3", "f"))], "ab"),
    ("ring", [changed("a", ("n1", "e"), ("n2", "e")), changed("b", ("n2", "e"), ("n1", "e"))], "ab"),
    (
        "kinds",
        [
            Step("vlanconfigs", None, on("c", "n1", "e")),
            changed("b", ("n2", "e"), ("n2", "f")),
            Step("vlanconfigs", on("a", "n1", "e"), None),
        ],
        "abc",
    ),
]


@pytest.mark.parametrize(("steps", "order"), [case[1:] for case in ORDERS], ids=[case[0] for case in ORDERS])
def test_what_gives_up_goes_before_what_takes(steps: list[Step], order: str) -> None:
    assert "".join(item.name for item in ordered(BASE, steps)) == order


class Clock:
    """Time that passes only by sleeping; runs ``then`` at the second look."""

    now = 0.0

    def __init__(self, then: Any = None) -> None:
        self.then = then

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.then:
            self.then()


def executor(api: Api, clock: Clock, timeout: float = 20) -> Executor:
    return Executor(Client(api, retry_timeout=0), Pace(True, timeout, 5), clock.sleep, clock)


def test_what_comes_later_is_waited_for() -> None:
    api = Api(having(status("cn1", "rack-a", "n2", up=False)))
    clock = Clock(lambda: setattr(api, "state", BASE))
    executor(api, clock).wait_for(Goal(up=frozenset({("cn1", "rack-a", "n2")})))
    assert clock.now == 5
    assert [path.split("/")[-1] for _method, path, _body in api.sent] == ["nodes", "vlanstatuses"] * 2


def test_waiting_ends() -> None:
    clock = Clock()
    with pytest.raises(Timeout) as caught:
        executor(Api(BASE), clock).wait_for(Goal(gone=frozenset({("nads", "default", "vlan100")})))
    assert str(caught.value) == "waited 20 s in vain; what is missing:\nVM network 'default/vlan100' is still there"
    assert clock.now == 20


def test_the_goal_of_a_plan_names_every_node() -> None:
    after = merged(RACK_A, {"spec": {"nodeSelector": {"kubernetes.io/hostname": "n1"}}})
    steps = [Step("vlanconfigs", RACK_A, after)]
    goal = of_plan(steps, judge(IDLE, steps).end)
    assert goal == Goal(
        up=frozenset({("cn1", "rack-a", "n1")}),
        down=frozenset({("cn1", "n2")}),
        mtus={"cn1": 9000},
        nad_mtus={"default/vlan100": 9000},
    )
    assert goal.kinds == ("clusternetworks", "nads", "nodes", "vlanstatuses")


LACKING = [
    (Goal(up=frozenset({("cn1", "rack-a", "n1")})), BASE, []),
    (
        Goal(up=frozenset({("cn1", "rack-a", "n3")})),
        BASE,
        [
            "node n3: no VlanStatus of network configuration 'rack-a'",
            "node n3: label network.harvesterhci.io/cn1 is missing",
        ],
    ),
    (
        Goal(up=frozenset({("cn1", "other", "n1")})),
        BASE,
        ["node n1: its VlanStatus is that of network configuration 'rack-a', not yet of 'other'"],
    ),
    (
        Goal(up=frozenset({("cn1", "rack-a", "n1")})),
        having(status("cn1", "rack-a", "n1", up=False)),
        ["node n1: network configuration 'rack-a' is not ready: its agent gives no reason"],
    ),
    (Goal(down=frozenset({("cn1", "n3")})), BASE, []),
    (
        Goal(down=frozenset({("cn1", "n3")})),
        having(node("n3", "cn1")),
        ["node n3: label network.harvesterhci.io/cn1 is still there"],
    ),
    (Goal(mtus={"cn1": 9000, "cn2": 1500}, nad_mtus={"default/vlan100": 9000}), having(network("cn2", 0)), []),
    (
        Goal(mtus={"cn1": 1500}, nad_mtus={"default/vlan100": 1500, "default/none": 1500}),
        BASE,
        [
            "cluster network 'cn1': annotation network.harvesterhci.io/uplink-mtu is '9000' instead of '1500'",
            "VM network 'default/none' is not there",
            "VM network 'default/vlan100': mtu 9000 instead of 1500",
        ],
    ),
]


@pytest.mark.parametrize(("goal", "live", "lines"), LACKING, ids=range(len(LACKING)))
def test_what_is_missing(goal: Goal, live: Any, lines: list[str]) -> None:
    assert lacking(goal, live) == lines


def test_a_difference_is_what_users_write() -> None:
    item = merged(RACK_A, {"metadata": {"managedFields": [{}], "uid": "u", "resourceVersion": "7"}, "status": {"x": 1}})
    (created,) = diff([Step("vlanconfigs", None, item)])
    assert created["before"] == ""
    assert created["after"] == (
        "apiVersion: network.harvesterhci.io/v1beta1\n"
        "kind: VlanConfig\n"
        "metadata:\n"
        "  annotations:\n"
        '    network.harvesterhci.io/matched-nodes: \'["n1","n2"]\'\n'
        "  labels:\n"
        "    network.harvesterhci.io/clusternetwork: cn1\n"
        "  name: rack-a\n"
        "spec:\n"
        "  clusterNetwork: cn1\n"
        "  nodeSelector:\n"
        "    rack: a\n"
        "  uplink:\n"
        "    linkAttributes:\n"
        "      mtu: 9000\n"
        "    nics:\n"
        "    - eno3\n"
    )
    (removed,) = diff([Step("vlanconfigs", item, None)])
    assert (removed["before"], removed["after"]) == (created["after"], "")
    assert diff([Step("vlanconfigs", item, item)]) == []
