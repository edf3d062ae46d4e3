# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: what is proved beside that network itself, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import having, host_config, nad, setting
from mgmt_mtu_cases import CLUSTER, TOLD, UP, VALUE

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _mgmt_mtu_paths
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import case
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_phases import lines

BESIDE = "proved between all nodes beside the management network itself: "
RANGE = [{"minID": 300, "maxID": 310}, {"id": 400}]

# Beside VM network mgmt200; VLANs, and whether they are put on the uplink; those of the way back; what is said.
ROWS: dict[str, tuple[list[Any], list[tuple[int, bool]], list[int], list[str]]] = {
    "a VLAN": ([], [(200, False)], [200], [BESIDE + "VLAN 200"]),
    "an untagged network": (
        [nad("plain", "mgmt", 0)],
        [(1, False), (200, False)],
        [200],
        [BESIDE + "untagged frames, VLAN 200"],
    ),
    "a trunk": (
        [nad("trunk", "mgmt", 0, vlanTrunk=RANGE)],
        [(200, False)],
        [200],
        [BESIDE + "VLAN 200", "not proved: VLAN 300-310 400 of VM network default/trunk"],
    ),
    "an id of a trunk that has a network of its own": (
        [nad("trunk", "mgmt", 0, vlanTrunk=[{"id": 400}]), nad("last", "mgmt", 400)],
        [(200, False), (400, False)],
        [200, 400],
        [BESIDE + "VLAN 200, VLAN 400"],
    ),
    "a host network configuration": (
        [host_config("backup", "mgmt", 2030)],
        [(200, False), (2030, True)],
        [200],
        [BESIDE + "VLAN 200, VLAN 2030"],
    ),
    "the storage network": (
        [setting("storage-network", VALUE % "mgmt")],
        [(60, True), (200, False)],
        [200],
        [BESIDE + "VLAN 60, VLAN 200"],
    ),
    "an overlay network": (
        [nad("ovn", "mgmt", None, type="kube-ovn")],
        [(200, False)],
        [200],
        [BESIDE + "VLAN 200", "not proved: VM network default/ovn, which is no bridge of the hosts"],
    ),
    "a VLAN that nobody can read": (
        [nad("odd", "mgmt", "x")],
        [(200, False)],
        [200],
        [BESIDE + "VLAN 200", "not proved: VM network default/odd, whose VLAN cannot be read"],
    ),
    "networks of others": (
        [nad("other", "cn1", 300), host_config("far", "cn1", 301)],
        [(200, False)],
        [200],
        [BESIDE + "VLAN 200"],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_proved_and_what_is_not(name: str) -> None:
    items, wanted, back, says = ROWS[name]
    cluster = having(*items, on=CLUSTER)
    found = _mgmt_mtu_paths.paths(cluster)
    assert [(path["vlan_id"], path.get("uplink") == "mgmt-bo") for path in found] == wanted
    assert all(set(path) <= {"name", "vlan_id", "uplink"} for path in found)
    assert [path["vlan_id"] for path in _mgmt_mtu_paths.paths_back(cluster)] == back
    assert _mgmt_mtu_paths.told(cluster) == says


def test_the_plan_says_it_where_something_is_proved() -> None:
    told = BESIDE + "VLAN 200"
    assert told in lines(CLUSTER, UP, case(CLUSTER, UP), ())
    assert told not in lines(CLUSTER, TOLD, case(CLUSTER, TOLD), ())
