# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters themselves: names, documentation, errors."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

PACKAGE = "ansible_collections.harvester.network.plugins.filter"
FILTERS = sorted(path.stem for path in (Path(__file__).parents[3] / "plugins/filter").glob("[!_]*.py"))


@pytest.mark.parametrize("name", FILTERS)
def test_a_file_holds_the_filter_of_its_name_documented(name: str) -> None:
    module = importlib.import_module(f"{PACKAGE}.{name}")
    assert list(module.FilterModule().filters()) == [name]
    document = yaml.safe_load(module.DOCUMENTATION)
    assert document["name"] == name
    assert document["version_added"]
    positional = [word.strip() for word in document["positional"].split(",")]
    assert set(positional) <= set(document["options"])
    assert yaml.safe_load(module.EXAMPLES) and yaml.safe_load(module.RETURN)["_value"]


def test_errors_are_filter_errors() -> None:
    mgmt_profiles = importlib.import_module(f"{PACKAGE}.mgmt_profiles").mgmt_profiles
    with pytest.raises(AnsibleFilterError, match="did you mean 'secondary_vlans'"):
        mgmt_profiles({"secondry_vlans": [2018]})
    node_facts = importlib.import_module(f"{PACKAGE}.node_facts").node_facts
    with pytest.raises(AnsibleFilterError, match="cannot be read"):
        node_facts("")


def test_hosts_where_keeps_the_order_and_passes_over_hosts_without_the_variable() -> None:
    hosts_where = importlib.import_module(f"{PACKAGE}.hosts_where").hosts_where
    hostvars = {"a": {"x": True}, "b": {"x": False}, "c": {}, "d": {"x": True}}
    assert hosts_where(["d", "c", "b", "a"], hostvars, "x") == ["d", "a"]


def test_run_session_tells_what_the_nodes_see_of_the_run() -> None:
    run_session = importlib.import_module(f"{PACKAGE}.run_session").run_session
    hostvars: dict[str, dict[str, object]] = {
        "a": {"node_check_facts": {"ssh_client": "192.0.2.7", "gateway": ""}, "harvester_node_name": "node1"},
        "b": {"node_check_facts": {"ssh_client": "192.0.2.7", "gateway": "192.0.2.1"}, "ansible_host": "192.0.2.12"},
        "played": {"node_check_facts": {"ssh_client": "", "gateway": ""}},
        "not looked at": {},
    }
    assert run_session(list(hostvars), hostvars) == {
        "clients": {"node1": "192.0.2.7", "b": "192.0.2.7"},
        "gateways": {"b": "192.0.2.1"},
        "names": ["a", "192.0.2.12"],
    }


def test_hosts_where_looks_into_dictionaries() -> None:
    hosts_where = importlib.import_module(f"{PACKAGE}.hosts_where").hosts_where
    hostvars = {"a": {"x": {"y": True}}, "b": {"x": {"y": 1}}, "c": {"x": {}}, "d": {"x": "y"}, "e": {}}
    assert hosts_where(list("abcde"), hostvars, "x.y") == ["a"]


def test_mgmt_summary_passes_over_hosts_without_a_result() -> None:
    mgmt_summary = importlib.import_module(f"{PACKAGE}.mgmt_summary").mgmt_summary
    assert mgmt_summary(["a", "b"], {"a": {"mgmt_network_result": {}}, "b": {}}) == ["a: nothing to do"]


def test_api_targets_are_the_other_control_plane_nodes() -> None:
    api_targets = importlib.import_module(f"{PACKAGE}.api_targets").api_targets
    nodes = [
        {"name": "node1", "roles": ["control-plane", "etcd"], "internal_ip": "192.0.2.11"},
        {"name": "node2", "roles": ["control-plane", "etcd"], "internal_ip": "192.0.2.12"},
        {"name": "node3", "roles": ["etcd", "witness"], "internal_ip": "192.0.2.13"},
        {"name": "node4", "roles": ["control-plane"], "internal_ip": None},
        {"name": "node5"},
    ]
    assert api_targets(nodes, "node1") == [
        {"name": "API on node2", "kind": "tcp", "address": "192.0.2.12", "port": 6443}
    ]
    assert api_targets([], "node1") == []
