# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu_annotate whose waits do not end, in which its runner dies, or whose API is away. Nodes are left alone."""

from __future__ import annotations

from typing import Any

import pytest
from played_nodes import NODES, Nodes, everywhere
from stage import Ran, away, good, killed_in
from test_mgmt_mtu_annotate_killed import nodes, runs
from test_mgmt_mtu_killed import leftovers
from test_mgmt_mtu_storage import MGMT_STORAGE, put_on_mgmt, running, storage
from test_mgmt_mtu_waits import ADMISSION, ANNOTATE, FROZEN, POWER

pytestmark = [pytest.mark.api, pytest.mark.long]
__all__ = ["nodes"]


def annotate(nodes: Nodes, **wish: Any) -> Ran:
    return nodes.run(playbook="mgmt_mtu_annotate", **wish)


def ends(nodes: Nodes, way: str) -> None:
    """The change goes on to its end, or back to its beginning; nodes keep the MTU of their installation."""
    profiles = nodes.profiles()
    good(nodes.run(playbook="rollback" if way == "back" else "mgmt_mtu_annotate", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.changes()) == (everywhere(9000), profiles, [])
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back" if way == "back" else "done"], [])
    assert nodes.office() == (1500 if way == "back" else 9000)


@pytest.mark.fault("mgmt_mtu_annotate", "runner killed in a wait", "goes on; goes back")
@pytest.mark.parametrize(("wait", "way"), [("annotation", "on"), ("annotation", "back"), ("vms-start", "on")])
def test_killed_in_a_wait(nodes: Nodes, wait: str, way: str) -> None:
    control, client, vms = nodes.cluster.harvester.control, nodes.client, nodes.vms()
    wish: dict[str, Any] = {"playbook": "mgmt_mtu_annotate"}
    if wait == "vms-start":
        control.delay(vm_start=10000.0)
        killed_in(nodes, POWER + "#5", lambda: nodes.vms() == vms, **wish)
        assert (runs(nodes), nodes.annotation()) == (False, "9000"), "the wait has not ended"
    else:
        client.put(FROZEN)
        killed_in(nodes, ANNOTATE, lambda: nodes.annotation() == "9000", **wish)
        assert nodes.office() == 1500, "the wait has not ended"
        for item in FROZEN:
            client.delete(ADMISSION, item["kind"], "frozen")
    control.delay(vm_start=0.0)
    ends(nodes, way)
    assert (nodes.vms(), runs(nodes)) == (vms, True)


@pytest.mark.fault("mgmt_mtu_annotate", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(nodes: Nodes) -> None:
    """The run ends in its first phase; Harvester was told nothing, and what runs still is told by name."""
    vms, control = nodes.vms(), nodes.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = annotate(nodes, vm_wait_timeout=15)
    assert failed.status != 0
    assert "VM 'default/guest': its instance is Running on node" in failed.text, failed.output
    assert "begun: vms-stop" in failed.text
    assert (nodes.annotation(), nodes.office(), nodes.states()) == (None, 1500, ["open"])
    control.delay(vm_stop=0.0, grace_second=1.0)
    ends(nodes, "on")
    assert (nodes.annotation(), nodes.vms(), runs(nodes)) == ("9000", vms, True)


@pytest.mark.fault("mgmt_mtu_annotate", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(nodes: Nodes) -> None:
    """While Harvester is told the MTU."""
    vms = nodes.vms()

    def gone() -> None:
        nodes.cluster.stop()
        nodes.go_on()
        away(nodes.cluster)

    good(nodes.disturbed(ANNOTATE, gone, playbook="mgmt_mtu_annotate"))
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    assert (nodes.vms(), runs(nodes)) == (vms, True)
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.fixture
def with_storage(nodes: Nodes) -> Nodes:
    """With the storage network on mgmt."""
    nodes.client.patch("kubevirt.io/v1", "VirtualMachine", "guest", {"spec": {"runStrategy": "Halted"}}, "default")
    put_on_mgmt(nodes.client)
    kubectl = [str(nodes.cluster.kubectl), "--kubeconfig", str(nodes.cluster.kubeconfig)]
    for name in NODES:
        nodes.write(name, {**nodes.node(name), "kubectl": kubectl})
    assert storage(nodes.client) == (MGMT_STORAGE, 1500)
    return nodes


EVERY = {"db", "shell", "web"}


def test_the_storage_network_on_mgmt(with_storage: Nodes) -> None:
    """It goes off before the annotation, and comes back to the byte with the MTU of the nodes."""
    nodes = with_storage
    vms = nodes.vms()
    ends(nodes, "on")
    assert storage(nodes.client) == (MGMT_STORAGE, 9000)
    assert (nodes.vms(), running(nodes.client)) == (vms, EVERY)
