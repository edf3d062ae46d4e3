# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two VLAN lists of each node, in lines."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._vlan_lists import lines

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "as installed": (
        {
            "profiles": [
                {"id": "bond-mgmt", "bridge_port": {"vlans": ["1 pvid untagged", "2017"]}},
                {"id": "bridge-mgmt", "bridge": {"vlans": ["2017"], "stp": False}},
            ],
            "vlans": {"mgmt-bo": ["1 pvid untagged", "2017"], "mgmt-br": ["1 pvid untagged", "2017"], "tap0": ["7"]},
            "hints": {"stripped": []},
        },
        [
            "n: mgmt-bo: profile bond-mgmt: 1 pvid untagged, 2017; kernel: 1 pvid untagged, 2017",
            "n: mgmt-br: profile bridge-mgmt: 2017; kernel: 1 pvid untagged, 2017",
        ],
    ),
    "stripped": (
        {
            "profiles": [
                {"id": "bond-mgmt", "bridge_port": {"vlans": ["2017-2020"]}},
                {"id": "bridge-mgmt", "bridge": {"vlans": []}},
            ],
            "vlans": {"mgmt-bo": ["2017"]},
            "hints": {
                "stripped": [
                    {"profile": "bond-mgmt", "device": "mgmt-bo", "vlans": [2020, 2018]},
                    {"profile": "other", "device": "eno9", "vlans": [2018, 2019]},
                ]
            },
        },
        [
            "n: mgmt-bo: profile bond-mgmt: 2017-2020; kernel: 2017",
            "n: mgmt-br: profile bridge-mgmt: none; kernel: none",
            "n: stripped by Harvester's agent: 2018, 2019, 2020",
        ],
    ),
    "no lists and no profile": (
        {"profiles": [{"id": "bond-mgmt", "bridge_port": None}], "vlans": {}, "hints": None},
        [
            "n: mgmt-bo: profile bond-mgmt: no list; kernel: none",
            "n: mgmt-br: profile bridge-mgmt: no list; kernel: none",
        ],
    ),
    "no answer": (
        {},
        [
            "n: mgmt-bo: profile bond-mgmt: no list; kernel: none",
            "n: mgmt-br: profile bridge-mgmt: no list; kernel: none",
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_lines(name: str) -> None:
    found, expected = CASES[name]
    assert lines({"n": found}) == expected


def test_nodes_keep_their_order() -> None:
    assert [line.partition(":")[0] for line in lines({"b": {}, "a": {}})] == ["b", "b", "a", "a"]
