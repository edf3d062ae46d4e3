# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with the storage network on mgmt: every VM stops, its text comes back to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from played_nodes import DOWN, HOSTS, KUBEVIRT, NODES, UP, Nodes, everywhere
from stage import good, killed_in
from test_harvester_storage import done, setting, stop_all, until, write

from lab.apiserver import Client, Cluster

pytestmark = pytest.mark.api

MGMT_STORAGE = '{ "vlan":50,"clusterNetwork":"mgmt", "range":"192.168.50.0/24" }'
"""Not as a program would write it: what is put back later is this text."""
SETTING = "harvester.network.storage_network : Change the setting and wait for the whole cluster"
PHASES = (
    "vms-stop",
    "storage-off",
    "hosts-lower",
    "hosts-upper",
    "overlay",
    "annotation",
    "storage-on",
    "vms-start",
)


def put_on_mgmt(client: Client) -> None:
    set_storage(client, MGMT_STORAGE)


def set_storage(client: Client, value: str) -> None:
    """As an operator does it, with every VM stopped meanwhile."""
    vms = client.list(KUBEVIRT, "VirtualMachine")
    stop_all(client)
    write(client, value)
    until(lambda: done(client, value), 120)
    for vm in vms:
        name, namespace = vm["metadata"]["name"], vm["metadata"]["namespace"]
        client.patch(KUBEVIRT, "VirtualMachine", name, {"spec": {"runStrategy": vm["spec"]["runStrategy"]}}, namespace)
    until(lambda: running(client) == {"web", "db", "shell"}, 120)


def running(client: Client) -> set[str]:
    found = client.list(KUBEVIRT, "VirtualMachineInstance")
    return {vmi["metadata"]["name"] for vmi in found if vmi["status"].get("phase") == "Running"}


def storage(client: Client) -> tuple[str, int]:
    """The setting's text, and the MTU of its network."""
    found = setting(client)
    namespace, name = found["metadata"]["annotations"]["storage-network.settings.harvesterhci.io/net-attach-def"].split(
        "/"
    )
    attachment = client.get("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", name, namespace)
    return found["value"], int(json.loads(attachment["spec"]["config"]).get("mtu") or 1500)


def test_the_plan(cluster: Cluster, client: Client, call: Any) -> None:
    put_on_mgmt(client)
    found = call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, **UP)
    assert not found.get("failed"), found
    assert tuple(phase["id"] for phase in found["phases"]) == PHASES
    assert (found["longhorn"], found["settings"]) == ("mgmt", ["storage-network"])
    every = "Longhorn's replicas use the storage network on mgmt"
    assert found["vms"] == [
        {"vm": "default/shell", "reasons": ["built-in pod network", every]},
        {"vm": "default/web", "reasons": [every]},
        {"vm": "production/db", "reasons": [every]},
    ]
    planned = call("change_plan", phases=found["phases"])
    assert not planned.get("failed"), planned
    assert "   stops VMs: default/shell, default/web, production/db" in planned["lines"]
    kept = call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, **{**UP, "running_vms": "keep"})
    assert kept["msg"] == (
        "management network: change_running_vms=keep: the storage network is on mgmt and is switched off, for which"
        " every VM has to be stopped; leave it out"
    )


@pytest.fixture
def nodes(running: Cluster, nodes: Nodes) -> Nodes:
    put_on_mgmt(nodes.client)
    kubectl = [str(running.kubectl), "--kubeconfig", str(running.kubeconfig)]
    for name in NODES:
        nodes.write(name, {**nodes.node(name), "kubectl": kubectl})
    return nodes


@pytest.mark.long
def test_up_and_down_again(nodes: Nodes) -> None:
    vms = nodes.vms()
    assert storage(nodes.client) == (MGMT_STORAGE, 1500)
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.annotation(), storage(nodes.client)) == (
        everywhere(9000),
        "9000",
        (MGMT_STORAGE, 9000),
    )
    assert (nodes.vms(), running(nodes.client), nodes.states()) == (vms, {"web", "db", "shell"}, ["done"])
    good(nodes.run(**DOWN))
    assert (nodes.links(), nodes.annotation(), storage(nodes.client)) == (
        everywhere(1500),
        "1500",
        (MGMT_STORAGE, 1500),
    )
    assert (nodes.vms(), running(nodes.client)) == (vms, {"web", "db", "shell"})


@pytest.mark.fault("mgmt_mtu", "a storage network does not finish", "stops, then goes back")
@pytest.mark.long
def test_a_storage_network_that_does_not_finish(nodes: Nodes) -> None:
    """Switched off in the API, and never done: no host is touched, VMs stay stopped until the rollback."""
    vms, control = nodes.vms(), nodes.cluster.harvester.control
    control.fault(storage_network_stops="longhorn")
    failed = nodes.run(storage_wait_timeout=15, **UP)
    assert failed.status != 0
    assert "setting 'storage-network': condition configured is not True: Update Longhorn setting" in failed.text, (
        failed.output
    )
    assert "begun: storage-off" in failed.text
    assert (running(nodes.client), nodes.changes(), nodes.links()) == (set(), [], everywhere(1500))
    control.fault(storage_network_stops="")
    good(nodes.run(playbook="rollback"))
    assert storage(nodes.client) == (MGMT_STORAGE, 1500)
    assert (nodes.vms(), running(nodes.client), nodes.states()) == (vms, {"web", "db", "shell"}, ["rolled-back"])


@pytest.mark.fault("mgmt_mtu", "runner killed while the storage network is off", "goes back")
@pytest.mark.long
def test_killed_while_it_is_off_and_rolled_back(nodes: Nodes) -> None:
    vms = nodes.vms()
    killed = nodes.run(kill_at="harvester.network.mgmt_network : Change the profiles and make them live#2", **UP)
    assert (killed.status, setting(nodes.client).get("value") or "") == (-9, "")
    assert running(nodes.client) == set()
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), storage(nodes.client)) == (everywhere(1500), (MGMT_STORAGE, 1500))
    assert (nodes.vms(), running(nodes.client), nodes.states()) == (vms, {"web", "db", "shell"}, ["rolled-back"])


@pytest.mark.fault("mgmt_mtu", "runner killed in a wait for the storage network", "goes on; goes back")
@pytest.mark.long
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("wait", ["off", "on"])
def test_killed_while_the_storage_network_is_waited_for(nodes: Nodes, wait: str, way: str) -> None:
    vms, control = nodes.vms(), nodes.cluster.harvester.control

    def stop() -> None:
        control.fault(storage_network_stops="longhorn")

    def text() -> str:
        return str(setting(nodes.client).get("value") or "")

    if wait == "off":
        killed_in(nodes, SETTING + "#1", lambda: text() == "", stop, **UP)
    else:
        killed_in(nodes, SETTING + "#3", lambda: text() != "", stop, **UP)
    control.fault(storage_network_stops="")
    good(nodes.run(takeover=True, **({"playbook": "rollback"} if way == "back" else UP)))
    mtu, state = (1500, "rolled-back") if way == "back" else (9000, "done")
    assert (nodes.links(), storage(nodes.client)) == (everywhere(mtu), (MGMT_STORAGE, mtu))
    assert (nodes.vms(), running(nodes.client)) == (vms, {"web", "db", "shell"})
    assert (nodes.states(), nodes.leases()) == ([state], [])
