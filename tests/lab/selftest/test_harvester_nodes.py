# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's agents on node VMs: what chapter 12 of the facts says was seen on hosts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import Lab, Progress
from lab.apiserver import Client, Object
from lab.apiserver import objects as make
from lab.apiserver.cluster import INSTALLED
from lab.harvester.manager.interfaces import netns
from lab.node import Node

pytestmark = pytest.mark.lab

CONFIG = (make.NETWORK, "VlanConfig")
LABEL = f"{make.PREFIX}/cn1"


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.3)
    return found


@pytest.fixture(scope="module")
def running() -> Lab:
    """The cluster joins the lab that runs already."""
    lab = Lab(progress=Progress()).up()
    return lab.up(cluster=True)


@pytest.fixture
def lab(running: Lab) -> Iterator[Lab]:
    """Nodes and API as after the installation: no cluster network but mgmt, free NICs."""
    with running.cluster.harvester.resetting():
        running.restore()
        running.cluster.reset(INSTALLED)
    yield running


@pytest.fixture
def client(lab: Lab) -> Client:
    return lab.cluster.client()


@pytest.fixture
def node(lab: Lab) -> Node:
    return lab["node1"]


def config(name: str, mtu: int = 1500, nics: tuple[str, ...] = ("eno3",)) -> Object:
    uplink = {"nics": list(nics), "linkAttributes": {"mtu": mtu}}
    spec = {"clusterNetwork": "cn1", "nodeSelector": {"kubernetes.io/hostname": "node1"}, "uplink": uplink}
    return {"apiVersion": make.NETWORK, "kind": "VlanConfig", "metadata": {"name": name}, "spec": spec}


def links(node: Node) -> dict[str, dict[str, Any]]:
    return {item["ifname"]: item for item in node.json("ip -j -d link show")}


def vids(node: Node, port: str) -> set[int]:
    found = node.json(f"bridge -j vlan show dev {port}")
    return {
        vid
        for item in found
        for entry in item["vlans"]
        for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)
    }


def node_label(client: Client) -> str | None:
    found = client.get("v1", "Node", "node1")["metadata"]["labels"].get(LABEL)
    return str(found) if found else None


def set_up(client: Client, node: Node, **given: Any) -> None:
    client.put([make.named(make.NETWORK, "ClusterNetwork", "cn1"), config("x", **given)])
    until(lambda: node_label(client))
    until(lambda: "cn1-br" in links(node))


def test_bond_and_bridge_come_and_go(client: Client, node: Node) -> None:
    set_up(client, node, mtu=9000, nics=("eno3", "eno4"))
    found = links(node)
    assert found["cn1-bo"]["linkinfo"]["info_data"]["mode"] == "active-backup"
    assert found["cn1-bo"]["linkinfo"]["info_data"]["miimon"] == 100
    assert (found["cn1-bo"]["master"], found["cn1-bo"]["mtu"], found["cn1-br"]["mtu"]) == ("cn1-br", 9000, 9000)
    assert found["cn1-br"]["linkinfo"]["info_data"]["vlan_filtering"] == 1
    assert "PROMISC" in found["cn1-br"]["flags"]
    assert {name for name, item in found.items() if item.get("master") == "cn1-bo"} == {"eno3", "eno4"}
    client.delete(*CONFIG, "x")
    until(lambda: not client.find(*CONFIG, "x"))
    until(lambda: not {"cn1-bo", "cn1-br"} & links(node).keys())
    until(lambda: node_label(client) is None)
    assert all("UP" in links(node)[nic]["flags"] for nic in ("eno3", "eno4"))


def test_another_mtu_makes_the_bond_anew_and_0_leaves_it(client: Client, node: Node) -> None:
    set_up(client, node)
    before = links(node)
    client.patch(*CONFIG, "x", {"spec": {"uplink": {"linkAttributes": {"mtu": 9000}}}})
    until(lambda: links(node).get("cn1-br", {}).get("mtu") == 9000)
    after = links(node)
    assert after["cn1-bo"]["ifindex"] != before["cn1-bo"]["ifindex"]
    assert after["cn1-br"]["ifindex"] == before["cn1-br"]["ifindex"]
    client.patch(*CONFIG, "x", {"spec": {"uplink": {"linkAttributes": {"mtu": 0}}}})
    name = f"{make.PREFIX}/uplink-mtu"
    until(lambda: client.get(make.NETWORK, "ClusterNetwork", "cn1")["metadata"]["annotations"][name] == "1500")
    time.sleep(5)
    assert links(node)["cn1-bo"]["mtu"] == 9000


def test_a_stopped_agent_loses_a_deletion(lab: Lab, client: Client, node: Node) -> None:
    set_up(client, node)
    control = lab.cluster.harvester.control
    control.stop_agent("node1")
    until(lambda: control.agent_rests("node1"))
    client.delete(*CONFIG, "x")
    until(lambda: not client.find(*CONFIG, "x"))
    until(lambda: not client.list(make.NETWORK, "VlanStatus"))
    control.start_agent("node1")
    until(lambda: not control.agent_rests("node1"))
    assert {"cn1-bo", "cn1-br"} <= links(node).keys()
    assert node_label(client) == "true"
    client.create(config("y", mtu=9000, nics=("eno4",)))
    until(lambda: links(node)["cn1-bo"]["mtu"] == 9000)
    until(lambda: {name for name, item in links(node).items() if item.get("master") == "cn1-bo"} == {"eno4"})


def test_ids_by_hand_go_when_the_agent_starts_and_those_with_a_device_stay(
    lab: Lab, client: Client, node: Node
) -> None:
    control = lab.cluster.harvester.control
    control.stop_agent("node1")
    until(lambda: control.agent_rests("node1"))
    for vid in (2018, 2019):
        node.run(f"bridge vlan add vid {vid} dev mgmt-bo && bridge vlan add vid {vid} dev mgmt-br self")
    node.run("ip link add link mgmt-br name mgmt-br.2019 type vlan id 2019 && ip link set mgmt-br.2019 up")
    control.start_agent("node1")
    until(lambda: 2018 not in vids(node, "mgmt-bo"))
    assert {2017, 2019} <= vids(node, "mgmt-bo")
    assert 2018 in vids(node, "mgmt-br")
    client.create(make.attachment("n", "mgmt", 2020))
    until(lambda: 2020 in vids(node, "mgmt-bo"))


def test_a_host_network_config_with_dhcp_makes_device_and_ids(client: Client, node: Node) -> None:
    spec = {"clusterNetwork": "mgmt", "vlanID": 2031, "mode": "dhcp"}
    client.create(make.named(make.NETWORK, "HostNetworkConfig", "h", spec=spec))
    until(lambda: links(node).get("mgmt-br.2031", {}).get("operstate") == "UP")
    until(lambda: 2031 in vids(node, "mgmt-bo"))
    assert 2031 in vids(node, "mgmt-br")
    reported = client.get(make.NETWORK, "HostNetworkConfig", "h")["status"]["nodeStatus"]["node1"]
    assert (reported["mode"], reported["conditions"][0]["status"]) == ("dhcp", "True")
    client.delete(make.NETWORK, "HostNetworkConfig", "h")
    until(lambda: "mgmt-br.2031" not in links(node))
    until(lambda: 2031 not in vids(node, "mgmt-bo"))


def test_a_vms_interface_keeps_what_its_network_had(client: Client, node: Node) -> None:
    set_up(client, node, mtu=9000)
    client.create(make.attachment("n", "cn1", 100))
    client.create(make.vm("v", ["default/n"]))
    # ip's own exit code for a namespace that is not there is that of a failed ssh
    inside = f"ip -n {netns('default/v')} -j link show dev net0 || exit 1"
    until(lambda: node.run(inside, check=False).returncode == 0)
    assert node.json(inside)[0]["mtu"] == 9000
    until(lambda: 100 in vids(node, "cn1-bo"))
    port = next(name for name, item in links(node).items() if item.get("master") == "cn1-br" and name != "cn1-bo")
    assert vids(node, port) == {100}
    client.patch("kubevirt.io/v1", "VirtualMachine", "v", {"spec": {"runStrategy": "Halted"}}, "default")
    until(lambda: node.run(inside, check=False).returncode != 0)


def test_after_a_reboot_all_is_rebuilt_and_the_boot_id_reported(client: Client, node: Node) -> None:
    set_up(client, node)
    boot = node.reboot()
    until(lambda: {"cn1-bo", "cn1-br"} <= links(node).keys())
    until(lambda: client.get("v1", "Node", "node1")["status"]["nodeInfo"]["bootID"] == boot)
    conditions = client.get("v1", "Node", "node1")["status"]["conditions"]
    assert next(item["status"] for item in conditions if item["type"] == "Ready") == "True"
