# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one function: Harvester's own profiles pass, foreign ones stay out of it, nothing ever crashes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from judging import LINKS, NODE, WITHOUT_VLAN, judge

from ansible_collections.harvester.network.plugins.module_utils.common._errors import Problem
from ansible_collections.harvester.network.plugins.module_utils.common._vlans import VlanList
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import TYPES, Profile
from ansible_collections.harvester.network.plugins.module_utils.nm._properties import BY_OPTION
from ansible_collections.harvester.network.plugins.module_utils.nm.validate import Limits, validate


@pytest.mark.parametrize("node", [NODE, WITHOUT_VLAN], ids=["with VLAN", "without VLAN"])
@pytest.mark.parametrize("links", [LINKS, None], ids=["node", "rendered"])
@pytest.mark.parametrize("before", [True, False], ids=["again", "new"])
def test_what_harvester_installs(node, links, before):
    report = validate(node, set(node), links=links, before=node if before else None)
    assert report.problems == []
    assert report.warnings == []


def test_the_defaults():
    assert Limits() == Limits(mtu_min=576, mtu_max=9000, vlan_filter_limit=512)
    assert validate({}, []).problems == []
    assert validate({}, ["gone"]).problems == []


def test_several_problems_come_in_one_report():
    report = judge(
        {
            "bond-mgmt": {"bond.miimon": 0, "bond.updelay": 5, "mtu": 5},
            "bridge-mgmt": {"bridge.priority": -1},
            "vlan-mgmt": {"ipv4.method": "shared"},
        }
    )
    assert len(report.problems) == 7
    assert {problem.where for problem in report.problems} == {
        "profile 'bond-mgmt'",
        "profile 'bridge-mgmt'",
        "profile 'vlan-mgmt'",
    }


WORDS = st.sampled_from(
    [
        "",
        "x",
        "mgmt-bo",
        "mgmt-br",
        "mgmt-br.2017",
        "eno1",
        "eno4",
        "bond",
        "bridge",
        "a b",
        "10.0.0.1/24",
        "auto",
        "manual",
    ]
)


def values(option):
    codec = BY_OPTION[option].codec
    if option.endswith(".vlans"):
        return st.sets(st.integers(1, 4094), max_size=4).map(lambda ids: VlanList().with_ids(ids))
    kinds = {"int": st.integers(-3, 70000), "bool": st.booleans(), "list": st.lists(WORDS, max_size=3), "str": WORDS}
    return kinds[codec.spec_type]


PROFILES = st.builds(
    Profile,
    st.sampled_from(["a", "b", "c", "bond-mgmt", "vlan-mgmt", ""]),
    st.sampled_from([*TYPES, "wireguard"]),
    st.lists(st.sampled_from(sorted(BY_OPTION)), max_size=12, unique=True).flatmap(
        lambda options: st.fixed_dictionaries({option: values(option) for option in options})
    ),
)


@given(
    st.lists(PROFILES, max_size=6),
    st.lists(PROFILES, max_size=3),
    st.sets(st.sampled_from(["a", "b", "bond-mgmt", "vlan-mgmt"])),
    st.booleans(),
)
@example(
    [Profile("vlan-mgmt", "bond", {})], [Profile("a", "bridge", {"ipv6.method": "auto"})], {"a"}, False
)  # a bridge without a name
def test_any_set_of_profiles_is_judged(found, earlier, touched, rendered):
    before = {**NODE, **{profile.id: profile for profile in earlier}}
    profiles = {**NODE, **{profile.id: profile for profile in found}}
    removed = {"bond-slave-eno2", "c"} & set(profiles)
    for name in removed:
        profiles.pop(name)
    report = validate(profiles, touched, links=None if rendered else LINKS, removed=removed | {"never"}, before=before)
    for problem in report.problems:
        assert isinstance(problem, Problem)
        assert problem.rule and problem.where.startswith("profile '")
        assert "%" not in str(problem).replace("'%'", "") and "None" not in str(problem)


@given(st.lists(PROFILES, max_size=6))
def test_nothing_touched_nothing_said(found):
    profiles = {profile.id: profile for profile in found}
    report = validate(profiles, set(), links=LINKS, before=profiles)
    assert report.problems == [] and report.warnings == []
