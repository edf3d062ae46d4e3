# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster beside node VMs: their Node objects, the API as the nodes reach it, both brought back together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import Lab, Progress
from lab.apiserver import Cluster
from lab.apiserver import objects as make
from lab.apiserver.server import ADDRESS, PORT

pytestmark = pytest.mark.lab

GREETING = f"""
import socket, ssl
with socket.create_connection(({ADDRESS!r}, {PORT}), 20) as plain:
    with ssl.create_default_context(cafile="/var/tmp/ca.crt").wrap_socket(plain, server_hostname={ADDRESS!r}) as secure:
        print(secure.version())
"""


@pytest.fixture(scope="module")
def running() -> Lab:
    """The cluster joins the lab that runs already."""
    lab = Lab(progress=Progress()).up()
    return lab.up(cluster=True)


@pytest.fixture
def lab(running: Lab) -> Iterator[Lab]:
    running.restore()
    yield running


@pytest.fixture
def cluster(lab: Lab) -> Cluster:
    return lab.cluster


def test_node_objects_are_those_of_the_vms(lab: Lab, cluster: Cluster) -> None:
    items = {item["metadata"]["name"]: item for item in cluster.client().list("v1", "Node")}
    assert sorted(items) == [node.name for node in lab.nodes]
    for node in lab.nodes:
        info = items[node.name]["status"]["nodeInfo"]
        assert info["bootID"] == node.boot_id()
        assert info["machineID"] == node.output("cat /etc/machine-id")
        assert info["kernelVersion"] == node.output("uname -r")
        assert items[node.name]["status"]["addresses"][0]["address"] == node.spec.mgmt_address


def test_the_link_monitor_has_the_nics_of_the_vms(lab: Lab, cluster: Cluster) -> None:
    seen = cluster.client().get(make.NETWORK, "LinkMonitor", "nic")["status"]["linkStatus"]
    for node in lab.nodes:
        assert {link["name"] for link in seen[node.name]} == set(node.spec.nics)
        index = int(node.output("cat /sys/class/net/mgmt-bo/ifindex"))
        masters = {link["name"] for link in seen[node.name] if link.get("masterIndex") == index}
        assert masters == set(node.spec.bond_ports)


def test_the_nodes_reach_the_api_and_trust_its_certificate(lab: Lab, cluster: Cluster) -> None:
    authority = cluster.authority.certificate.read_text()
    for node in lab.nodes:
        node.write("/var/tmp/ca.crt", authority)
        assert node.output(["python3", "-c", GREETING]).startswith("TLSv1.")


def test_nodes_and_api_go_back_together(lab: Lab, cluster: Cluster) -> None:
    node, client = lab["node1"], cluster.client()
    for mark in ("kept", "lost"):
        node.write("/var/tmp/mark", f"{mark}\n")
        client.patch("v1", "Node", "node1", {"metadata": {"labels": {"mark": mark}}})
        if mark == "kept":
            lab.snapshot("both")
    lab.restore("both")
    assert node.read("/var/tmp/mark") == "kept\n"
    assert client.get("v1", "Node", "node1")["metadata"]["labels"]["mark"] == "kept"
    lab.restore()
    assert node.run("test -e /var/tmp/mark", check=False).returncode == 1
    assert "mark" not in client.get("v1", "Node", "node1")["metadata"]["labels"]
