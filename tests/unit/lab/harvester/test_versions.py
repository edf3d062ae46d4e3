# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between Harvester's versions against the version matrix (facts, chapter 9)."""

from __future__ import annotations

from dataclasses import fields

import pytest

from lab.apiserver.cluster import definitions
from lab.harvester.versions import DEFAULT, VERSIONS

SINCE = {
    "hosts": "1.7",
    "matched_nodes_on_every_update": "1.7",
    "default_miimon": "1.7",
    "nic_up_after_release": "1.7",
    "strips_foreign_vids": "1.7",
    "vlan_id_set": "1.7",
    "trunk": "1.7",
    "mtu_ignores_deleting": "1.8",
    "mtu_follows_removal": "1.8",
    "host_network_config": "1.8",
    "unknown_link_state": "1.8",
    "storage_in_progress": "1.8",
    "rwx_network": "1.8",
    "absent_matched_nodes_skipped": "1.9",
    "system_nads": "1.9",
    "label_guard": "1.9",
    "mgmt_vlan_configs": "1.9",
    "exclusive_vlan": "1.9",
}


def test_every_difference_has_its_version() -> None:
    features = {field.name for field in fields(VERSIONS[DEFAULT])} - {"name", "release"}
    assert features == SINCE.keys()
    for version in VERSIONS.values():
        assert {name: getattr(version, name) for name in features} == {
            name: since <= version.name for name, since in SINCE.items()
        }


@pytest.mark.parametrize(
    ("version", "there"), [("", True), ("1.6", False), ("1.7", False), ("1.8", True), ("1.9", True)]
)
def test_kinds_that_a_version_lacks_are_not_served(version: str, there: bool) -> None:
    stems = {path.stem for path in definitions(version)}
    assert ("hostnetworkconfigs.network.harvesterhci.io" in stems) is there
    assert "vlanconfigs.network.harvesterhci.io" in stems
