# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others do in the middle of a change of a cluster network, while its run goes on, with the MTU as the case.

The run stands still right before a task, and sees afterwards what is there now.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from stage import Ran, good, until
from test_mtu_runbook import KUBEVIRT, NETWORK, UP, WRITE, Mtu, at

from lab.apiserver import Cluster
from lab.apiserver.client import ApiError

pytestmark = [pytest.mark.api, pytest.mark.long]

AGENT = "harvester-network-controller-node3"
"""The pod of the agent on the node whose configuration, vmnet-rack-b, is taken away."""
POLICY = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {"name": "frozen"},
    "spec": {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [
                {
                    "apiGroups": ["network.harvesterhci.io"],
                    "apiVersions": ["v1beta1"],
                    "operations": ["UPDATE"],
                    "resources": ["vlanconfigs"],
                }
            ]
        },
        "validations": [{"expression": "object.spec == oldObject.spec", "message": "networks are frozen"}],
    },
}
BINDING = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": "frozen"},
    "spec": {"policyName": "frozen", "validationActions": ["Deny"]},
}


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Mtu:
    found = Mtu(running, tmp_path, "mtu")
    found.prepare()
    return found


def run(stage: Mtu, before: str, meanwhile: Callable[[], None]) -> Ran:
    """A run of the change, and what happens while it stands still right before a task."""
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(stage.run, pause_at=before, **UP)
        try:
            stage.wait_for("tasks", before)
            meanwhile()
        finally:
            (stage.folder / "tasks.go").touch()
        return ran.result()


def stopped(stage: Mtu, ran: Ran, message: str) -> None:
    """The run has ended with its message, and VMs of the cluster network stay off."""
    assert ran.status != 0
    assert message in ran.text, ran.output
    assert stage.running() == {"shell"}
    assert stage.states() == ["open"]


@pytest.mark.fault("cluster_network_mtu", "a node's agent is down", "stops, then goes on")
def test_an_agent_that_is_down_at_the_removal(stage: Mtu) -> None:
    """It would lose the removal for good, so nothing is removed."""
    before = stage.seen()
    control = stage.cluster.harvester.control

    def ready(status: str) -> None:
        conditions = [{"type": "Ready", "status": status}]
        stage.client.patch("v1", "Pod", AGENT, {"status": {"conditions": conditions}}, "harvester-system", status=True)

    def down() -> None:
        control.stop_agent("node3")
        until(lambda: control.agent_rests("node3"), "the agent works on")
        ready("False")

    ran = run(stage, WRITE + "#1", down)
    stopped(
        stage,
        ran,
        "network configuration 'vmnet-rack-b': the network agent does not run on node node3; see that pod"
        " harvester-network-controller of namespace harvester-system is Running there",
    )
    assert stage.seen()[2] == before[2]
    control.start_agent("node3")
    ready("True")
    good(stage.run(**UP))
    assert stage.seen() == at(before, 9000)


@pytest.mark.fault("cluster_network_mtu", "a webhook of others refuses", "stops, then goes on")
def test_a_webhook_of_others_that_refuses_in_the_middle(stage: Mtu) -> None:
    """Nobody can foresee it: one configuration is removed by then, and the other cannot be changed."""
    before = stage.seen()

    def freeze() -> None:
        stage.client.put([POLICY, BINDING])
        until(frozen, "the policy is not asked")

    def frozen() -> bool:
        name = stage.client.resource(NETWORK, "VlanConfig").path(None, "vmnet-rack-a")
        patch = {"spec": {"description": "frozen?"}}
        try:
            stage.client.request("PATCH", name, patch, "application/merge-patch+json", {"dryRun": "All"})
        except ApiError as error:
            return "networks are frozen" in str(error)
        return False

    try:
        stopped(stage, run(stage, WRITE + "#2", freeze), "networks are frozen")
    finally:
        for item in (BINDING, POLICY):
            stage.client.delete(str(item["apiVersion"]), str(item["kind"]), "frozen")
    assert "vmnet-rack-b" not in stage.seen()[2]
    until(lambda: not frozen(), "the policy is still asked")
    good(stage.run("rollback"))
    assert stage.seen() == before


@pytest.mark.fault("cluster_network_mtu", "a VM is started by somebody else", "stops, then goes on")
def test_a_vm_that_somebody_starts_between_two_phases(stage: Mtu) -> None:
    """With VMs off once; it is told before the next configuration is touched, and stays the user's."""
    before = stage.seen()

    def start() -> None:
        stage.client.patch(KUBEVIRT, "VirtualMachine", "web", {"spec": {"runStrategy": "Always"}}, "default")
        until(lambda: "web" in stage.running(), "the VM does not start")

    ran = run(stage, WRITE + "#1", start)
    assert ran.status != 0
    assert (
        "network configuration 'vmnet-rack-a': can't update vlanConfig vmnet-rack-a because it is blocked by VM(s)"
        " default/web which must be stopped at first"
    ) in ran.text, ran.output
    # It runs where the configuration stays, so the other one could go.
    left = {name: spec for name, spec in before[2].items() if name != "vmnet-rack-b"}
    assert (stage.running(), stage.seen()[2]) == ({"shell", "web"}, left)
    good(stage.run("rollback"))
    assert stage.seen() == before
