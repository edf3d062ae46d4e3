# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs that are still written with their old value: in the inventory, and in the installer's configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.plugin_utils._stale_mtu import stale, with_mtu

NETWORKS: list[dict[str, Any]] = [
    {"name": "vm", "uplink": {"mtu": 1500}, "configs": [{"name": "a"}, {"name": "b", "uplink": {"mtu": "9000"}}]},
    {"name": "mgmt", "uplink_mtu": 1500},
    {"name": "other", "uplink": {"mtu": 1500}},
]
VM = "harvester_cluster_networks[0]"


@pytest.mark.parametrize(
    ("mgmt", "name", "mtu", "found"),
    [
        ({}, "vm", 9000, [f"{VM}.uplink.mtu=1500"]),
        ({"mtu": 1500}, "vm", "1500", [f"{VM}.configs[1].uplink.mtu=9000"]),
        ({"mtu": "1500"}, "mgmt", 9000, ["harvester_mgmt.mtu=1500", "harvester_cluster_networks[1].uplink_mtu=1500"]),
        ({"mtu": 0}, "mgmt", 1500, []),
        ({"mtu": "large"}, "mgmt", 1500, ["harvester_mgmt.mtu=large"]),
        (None, "none", 9000, []),
    ],
)
def test_variables_with_the_value_of_before(mgmt: Any, name: str, mtu: Any, found: list[str]) -> None:
    assert stale(mgmt, NETWORKS, name, mtu) == found


def test_an_inventory_without_them() -> None:
    assert stale(None, None, "mgmt", 9000) == []


HEAD = "token: s3cret # of the cluster\ninstall:\n  password: hidden\n"
TEXTS = {
    "block": (
        HEAD + "  management_interface:\n    interfaces:\n    - name: eno1\n    mtu: 1500 # bytes\n    vlan_id: 5\n",
        HEAD + "  management_interface:\n    interfaces:\n    - name: eno1\n    mtu: 9000 # bytes\n    vlan_id: 5\n",
    ),
    "block without the key": (
        HEAD + "  managementinterface:\n    interfaces: [{name: eno1}]\n    vlanid: 5\n",
        HEAD + "  managementinterface:\n    mtu: 9000\n    interfaces: [{name: eno1}]\n    vlanid: 5\n",
    ),
    "flow": (
        HEAD + "  management_interface: {mtu: '1500', vlan_id: 5}\nos: {mtu: 1500}\n",
        HEAD + "  management_interface: {mtu: 9000, vlan_id: 5}\nos: {mtu: 1500}\n",
    ),
    "flow without the key": (
        HEAD + "  management_interface: {vlan_id: 5}\n",
        HEAD + "  management_interface: {mtu: 9000, vlan_id: 5}\n",
    ),
    "JSON": (
        json.dumps({"install": {"management_interface": {"mtu": 0, "vlan_id": 5}}}, indent=2),
        json.dumps({"install": {"management_interface": {"mtu": 9000, "vlan_id": 5}}}, indent=2),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_only_the_mtu_of_the_file_changes(name: str) -> None:
    before, after = TEXTS[name]
    assert with_mtu(before, 9000) == after
    assert with_mtu(after, 9000) == after


def test_a_key_is_added_in_the_form_of_json() -> None:
    text = json.dumps({"token": "s3cret", "install": {"management_interface": {"vlan_id": 5}}})
    found = json.loads(with_mtu(text, 9000))
    assert found == {"token": "s3cret", "install": {"management_interface": {"mtu": 9000, "vlan_id": 5}}}
    indented = json.dumps({"install": {"management_interface": {"vlan_id": 5}}}, indent=2)
    assert yaml.safe_load(with_mtu(indented, 9000))["install"]["management_interface"]["mtu"] == 9000


def test_the_default_is_not_added() -> None:
    text = TEXTS["flow without the key"][0]
    assert with_mtu(text, 1500) == text
    assert "mtu: 1500," in with_mtu(TEXTS["flow"][1], 1500)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, "it has no install.management_interface, so it has no MTU; edit it by hand"),
        (
            HEAD + "  management_interface: {}\n",
            "it has no install.management_interface, so it has no MTU; edit it by hand",
        ),
        ("token: [s3cret", "it is no YAML, so its MTU is not changed; edit it by hand"),
        ("", "it has no install.management_interface, so it has no MTU; edit it by hand"),
    ],
)
def test_a_text_without_a_management_interface_is_refused_without_its_secrets(text: str, message: str) -> None:
    with pytest.raises(NetworkError) as caught:
        with_mtu(text, 9000)
    assert str(caught.value) == message
