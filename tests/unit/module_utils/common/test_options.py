# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of another module as an entry of a list: parsed as there, omitted is not null."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._options import parsed

SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "vlan_id": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "a"}, {"name": "a"}),
        ({"name": "a", "vlan_id": "300"}, {"name": "a", "vlan_id": 300}),
        ({"name": "a", "vlan_id": None}, {"name": "a", "vlan_id": None}),
        ({"name": "a", "state": "absent"}, {"name": "a", "state": "absent"}),
    ],
)
def test_only_what_was_given_in_its_type(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert parsed(given, SPEC) == (expected, [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "missing required arguments: name"),
        ({"name": "a", "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"name": "a", "vlan": 1}, "vlan. Supported parameters include: name, state, vlan_id."),
    ],
)
def test_what_is_wrong_in_ansibles_words(given: dict[str, Any], message: str) -> None:
    assert parsed(given, SPEC)[1] == [message]
