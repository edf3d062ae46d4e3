# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""bond_profile, bridge_profile and vlan_profile: faces of one engine, with one result."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.harvester.network.plugins.module_utils.nm._faces import face_spec, items_of

MODULES = "ansible_collections.harvester.network.plugins.modules."


@pytest.mark.parametrize("name", ["bond_profile", "bridge_profile", "vlan_profile"])
def test_every_face_documents_the_result_of_profiles(name: str) -> None:
    """Ansible has no fragments for RETURN, so the text stands in each module; it must be the same one."""
    face = importlib.import_module(MODULES + name)
    assert importlib.import_module(MODULES + "profiles").RETURN == face.RETURN


def test_a_face_has_the_options_of_its_type_only() -> None:
    assert {"ports", "bond", "bridge_port", "mtu"} <= set(face_spec("bond"))
    assert not {"vlan", "bridge"} & set(face_spec("bond"))
    assert not {"ports", "bond", "controller"} & set(face_spec("bridge"))


def test_what_a_face_gives_becomes_one_profile() -> None:
    given = {"id": "bond-mgmt", "bond": {"miimon": None}, "ports": ["eno1"], "state": "present", "mtu_max": 9000}
    assert items_of("bond", given, "present") == [
        {"id": "bond-mgmt", "type": "bond", "bond": {"miimon": None}, "ports": ["eno1"]}
    ]


def test_a_bond_that_is_removed_takes_the_named_ports_along_first() -> None:
    given = {"id": "bond-mgmt", "ports": ["eno1", "eno2"]}
    items = items_of("bond", given, "absent")
    assert [item["id"] for item in items] == ["bond-slave-eno1", "bond-slave-eno2", "bond-mgmt"]
