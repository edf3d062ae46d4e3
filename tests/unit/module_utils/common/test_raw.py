# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Omitted and null are two things: driven through Ansible's real argument parser."""

from __future__ import annotations

import copy

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.harvester.network.plugins.module_utils.common._raw import prune, unknown_keys
from ansible_collections.harvester.network.plugins.module_utils.nm._argspec import profile_spec

BOND = {"mode": {"type": "str"}, "miimon": {"type": "int"}, "primary": {"type": "str"}}
SPEC = {
    "state": {"type": "str", "default": "present"},
    "mtu": {"type": "int", "aliases": ["mtu_bytes"]},
    "tags": {"type": "list", "elements": "str"},
    "bond": {"type": "dict", "options": BOND},
    "free": {"type": "dict"},
    "profiles": {
        "type": "list",
        "elements": "dict",
        "options": {"id": {"type": "str"}, "mtu": {"type": "int"}, "bond": {"type": "dict", "options": BOND}},
    },
}


def parsed(raw, spec=SPEC):
    result = ArgumentSpecValidator(spec).validate(copy.deepcopy(raw))
    assert not result.error_messages
    return prune(result.validated_parameters, raw, spec)


@pytest.mark.parametrize(
    ("raw", "given"),
    [
        ({}, {}),
        ({"mtu": "9000"}, {"mtu": 9000}),
        ({"mtu": None}, {"mtu": None}),
        ({"mtu_bytes": "9000"}, {"mtu": 9000}),
        ({"mtu_bytes": None}, {"mtu": None}),
        # The parser lets the alias win.
        ({"mtu": 1, "mtu_bytes": 2}, {"mtu": 2}),
        ({"state": "absent"}, {"state": "absent"}),
        ({"tags": []}, {"tags": []}),
        ({"tags": "a,b"}, {"tags": ["a", "b"]}),
        ({"bond": None}, {"bond": None}),
        ({"bond": {}}, {"bond": {}}),
        ({"bond": {"miimon": None, "mode": "802.3ad"}}, {"bond": {"miimon": None, "mode": "802.3ad"}}),
        ({"bond": '{"miimon": null, "mode": "802.3ad"}'}, {"bond": {"miimon": None, "mode": "802.3ad"}}),
        ({"bond": "{'miimon': None}"}, {"bond": {"miimon": None}}),
        ({"bond": "miimon=100, mode=802.3ad"}, {"bond": {"miimon": 100, "mode": "802.3ad"}}),
        ({"free": {"a": None, "b": {"c": 1}}}, {"free": {"a": None, "b": {"c": 1}}}),
        ({"profiles": None}, {"profiles": None}),
        ({"profiles": []}, {"profiles": []}),
        (
            {"profiles": [{"id": "a", "mtu": None}, {"id": "b"}, {"id": "c", "bond": {"primary": None}}]},
            {"profiles": [{"id": "a", "mtu": None}, {"id": "b"}, {"id": "c", "bond": {"primary": None}}]},
        ),
        ({"profiles": "id=a,id=b"}, {"profiles": [{"id": "a"}, {"id": "b"}]}),
        ({"profiles": ["id=a", '{"id": "b", "mtu": null}']}, {"profiles": [{"id": "a"}, {"id": "b", "mtu": None}]}),
    ],
)
def test_only_what_the_user_gave(raw, given):
    assert parsed(raw) == given


def test_a_profile_of_the_real_spec():
    raw = {"id": "bond-mgmt", "mtu": "0", "bond": {"miimon": "100", "primary": None}, "ipv4": {"dns": None}}
    found = parsed(raw, profile_spec())
    assert found == {"id": "bond-mgmt", "mtu": 0, "bond": {"miimon": 100, "primary": None}, "ipv4": {"dns": None}}


@pytest.mark.parametrize(
    ("raw", "messages"),
    [
        ({"mtu": 1, "mtu_bytes": 1, "_ansible_check_mode": True}, []),
        ("no mapping at all", []),
        (None, []),
        ({"free": {"anything": 1}}, []),
        ({"mtuu": 1}, ["options: mtuu: unknown option; did you mean 'mtu'?"]),
        ({"miimon": 1}, ["options: miimon: unknown option; did you mean 'bond.miimon'?"]),
        (
            {"qqqq": 1},
            ["options: qqqq: unknown option; known are bond, free, mtu, mtu_bytes, profiles, state, tags"],
        ),
        ({"bond": {"miimonn": 1}}, ["options: bond.miimonn: unknown option; did you mean 'miimon'?"]),
        ({"bond": '{"miimonn": 1}'}, ["options: bond.miimonn: unknown option; did you mean 'miimon'?"]),
        ({"bond": {"qqqq": 1}}, ["options: bond.qqqq: unknown option; known are miimon, mode, primary"]),
        ({"bond": "broken {"}, []),
        (
            {"profiles": [{"id": "bond-mgmt", "bond": {"miimonn": 1}}, {"mtuu": 1}, "text", None]},
            [
                "profile 'bond-mgmt': bond.miimonn: unknown option; did you mean 'miimon'?",
                "profiles[1]: mtuu: unknown option; did you mean 'mtu'?",
            ],
        ),
        ({1: 2}, ["options: 1: unknown option; known are bond, free, mtu, mtu_bytes, profiles, state, tags"]),
    ],
)
def test_unknown_keys(raw, messages):
    assert [str(problem) for problem in unknown_keys(raw, SPEC)] == messages


def test_a_face_is_named_after_its_profile():
    spec = {"id": {"type": "str"}, "bond": {"type": "dict", "options": BOND}}
    found = unknown_keys({"id": "bond-mgmt", "bond": {"mod": "x"}}, spec)
    assert [str(problem) for problem in found] == [
        "profile 'bond-mgmt': bond.mod: unknown option; did you mean 'mode'?"
    ]


def test_many_known_words_are_not_listed():
    found = unknown_keys({"id": "a", "qqqqqqq": 1}, profile_spec())
    assert [str(problem) for problem in found] == [
        "profile 'a': qqqqqqq: unknown option; see the module's documentation"
    ]
