# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu whose waits do not end, or whose API is away: it stops, or waits, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from played_nodes import UP, Nodes, everywhere
from stage import away, good, killed_in

pytestmark = [pytest.mark.api, pytest.mark.long]

LIVE = "harvester.network.mgmt_network : Change the profiles and make them live"
POWER = "harvester.network.vms : Bring the VMs to their state"
ANNOTATE = "harvester.network.mgmt_annotation : Set annotation uplink-mtu of cluster network mgmt#1"
"""It waits until the VM networks of mgmt have it."""
ADMISSION = "admissionregistration.k8s.io/v1"
FROZEN: list[dict[str, Any]] = [
    {
        "apiVersion": ADMISSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "frozen"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": ["k8s.cni.cncf.io"],
                        "apiVersions": ["v1"],
                        "operations": ["UPDATE"],
                        "resources": ["network-attachment-definitions"],
                    }
                ]
            },
            "validations": [{"expression": "object.spec == oldObject.spec", "message": "networks are frozen"}],
        },
    },
    {
        "apiVersion": ADMISSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "frozen"},
        "spec": {"policyName": "frozen", "validationActions": ["Deny"]},
    },
]
"""Nobody can give a VM network another MTU."""


@pytest.mark.fault("mgmt_mtu", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(nodes: Nodes) -> None:
    """The run ends in its first phase; no host was touched, and what runs still is told by name."""
    vms, control = nodes.vms(), nodes.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = nodes.run(vm_wait_timeout=15, **UP)
    assert failed.status != 0
    assert "VM 'default/shell': its instance is Running on node" in failed.text, failed.output
    assert "begun: vms-stop" in failed.text
    assert (nodes.links(), nodes.changes(), nodes.states()) == (everywhere(1500), [], ["open"])
    control.delay(vm_stop=0.0, grace_second=1.0)
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert nodes.states() == ["done"]


@pytest.mark.fault("mgmt_mtu", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(nodes: Nodes) -> None:
    """While a node changes, as when the API's own address is on it."""
    vms = nodes.vms()

    def gone() -> None:
        nodes.cluster.stop()
        nodes.go_on()
        away(nodes.cluster)

    good(nodes.disturbed(LIVE + "#1", gone, **UP))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert nodes.states() == ["done"]


def killed_in_wait(nodes: Nodes, wait: str) -> None:
    """What kept the wait from ending is mended afterwards."""
    control, client, vms = nodes.cluster.harvester.control, nodes.client, nodes.vms()
    if wait == "vms-stop":
        control.delay(vm_stop=10000.0, grace_second=1000.0)
        killed_in(nodes, POWER + "#2", lambda: nodes.vms()["shell"] == "Halted", **UP)
    elif wait == "vms-start":
        control.delay(vm_start=10000.0)
        killed_in(nodes, POWER + "#5", lambda: nodes.vms() == vms, **UP)
    else:
        client.put(FROZEN)
        killed_in(nodes, ANNOTATE, lambda: nodes.annotation() == "9000", **UP)
        assert nodes.office() == 1500, "the wait has not ended"
        for item in FROZEN:
            client.delete(ADMISSION, item["kind"], "frozen")
    control.delay(vm_stop=0.0, grace_second=1.0, vm_start=0.0)


WAITS = ("vms-stop", "annotation", "vms-start")


@pytest.mark.fault("mgmt_mtu", "runner killed in a wait", "goes on")
@pytest.mark.parametrize("wait", WAITS)
def test_killed_in_a_wait_and_resumed(nodes: Nodes, wait: str) -> None:
    vms = nodes.vms()
    killed_in_wait(nodes, wait)
    good(nodes.run(takeover=True, **UP))
    assert (nodes.links(), nodes.annotation(), nodes.office(), nodes.vms()) == (everywhere(9000), "9000", 9000, vms)
    assert (nodes.states(), nodes.leases()) == (["done"], [])


@pytest.mark.fault("mgmt_mtu", "runner killed in a wait", "goes back")
@pytest.mark.parametrize("wait", WAITS)
def test_killed_in_a_wait_and_rolled_back(nodes: Nodes, wait: str) -> None:
    vms, profiles = nodes.vms(), nodes.profiles()
    killed_in_wait(nodes, wait)
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.office(), nodes.vms()) == (everywhere(1500), profiles, 1500, vms)
    assert (nodes.states(), nodes.leases()) == (["rolled-back"], [])
