# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory, and the command line's words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from lab import config, layout
from lab.cli import parser
from lab.host import LabError, Namespace
from lab.image import Image
from lab.inventory import inventory
from lab.node import Node
from lab.switch import Switch


def nodes(ssh_over: layout.SshPath = "oob", witness: str | None = None) -> list[Node]:
    namespace = Namespace("hnlab-x")
    switch = Switch(namespace, Namespace("hnlab-x-far"), Path("/state"))
    return [
        Node(spec, Path("/state") / spec.name, namespace, switch, Image(Path("/image")), ssh_over, spec.name == witness)
        for spec in layout.NODES
    ]


def test_groups_hosts_and_connection() -> None:
    data = yaml.safe_load(inventory(nodes()))
    groups = data["harvester_nodes"]["children"]
    assert {group: sorted(found["hosts"]) for group, found in groups.items()} == {
        "harvester_rack_a": ["node1", "node2"],
        "harvester_rack_b": ["node3"],
    }
    host = groups["harvester_rack_b"]["hosts"]["node3"]
    assert host["ansible_host"] == "10.99.0.13"
    assert host["harvester_node_name"] == "node3"
    assert 'ip netns exec hnlab-x socat - TCP:%h:%p" ' in host["ansible_ssh_common_args"]
    assert data["harvester_nodes"]["vars"]["ansible_user"] == "rancher"
    assert "harvester_witness" not in data


def test_ssh_over_the_management_network() -> None:
    data = yaml.safe_load(inventory(nodes("mgmt")))
    assert data["harvester_nodes"]["children"]["harvester_rack_b"]["hosts"]["node3"]["ansible_host"] == "10.217.0.13"


def test_witness_is_a_group() -> None:
    assert yaml.safe_load(inventory(nodes(witness="node3")))["harvester_witness"] == {"hosts": {"node3": {}}}


@pytest.mark.parametrize(
    "line",
    [
        "up --layout untagged --ssh-over mgmt --witness node3",
        "up --cluster --nodes 0",
        "down",
        "status",
        "ssh node1 ip -br link",
        "ssh --user rancher node1",
        "unplug node1 u1 off",
        "unplug node1 u1 --silent on",
        "power node2 reboot",
        "switch port node1/u1 mtu 1500",
        "switch vlans 2017,2018",
        "switch trunk strict",
        "switch router mtu 1500",
        "switch reset",
        "snapshot before",
        "restore",
        "inventory --out hosts.yml",
        "kubeconfig --user viewer --group team --group other",
        "kubeconfig --content",
        "nodes --played 12",
        "nodes",
    ],
)
def test_the_command_line_is_understood(line: str) -> None:
    assert parser().parse_args(line.split()).command == line.split()[0]


@pytest.mark.parametrize("name", ["Up", "a" * 21, "a/b", "-a", ""])
def test_a_labs_name_is_a_plain_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_LAB", name)
    if name:
        with pytest.raises(LabError, match="a lab's name has 1 to 20"):
            config.lab_name()
    else:
        assert config.lab_name() == "default"
