# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollback of mgmt_mtu asks on its way: the switches, the wire, the cluster."""

from __future__ import annotations

from threading import Timer

import pytest
from played_nodes import DOWN, KUBEVIRT, NODES, OWN, UP, Nodes, everywhere
from stage import good
from test_harvester_storage import done, stop_all, until, volume, write

from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

CHANGE = "harvester.network.change : "
HELD, DONE = (CHANGE + task for task in ("See that this run still has the Lease", "Record that the phase is done"))
READ = "harvester.network.mgmt_annotation : Read what Harvester has#1"
PAIRS = sorted(f"{one} {{}}|{other} {{}}" for one in NODES for other in NODES if one != other)


def proved(nodes: Nodes, name: str, size: int) -> bool:
    """Whether the last run has sent packets of this size between all pairs."""
    return set(nodes.lines("paths")) >= {pair.format(name, size) for pair in PAIRS}


@pytest.mark.fault("mgmt_mtu", "a switch port left at 1500 on the way back to 9000", "stops, then goes back")
def test_a_lowered_mtu_goes_back_only_over_switches_that_bear_it(nodes: Nodes) -> None:
    """A node does not send what a port drops, and no VM starts, before every pair is proved."""
    nodes.prepare(9000)
    good(nodes.run(playbook="mgmt_mtu_annotate"))
    vms = nodes.vms()
    killed = nodes.run(kill_at=READ, **DOWN)
    assert (killed.status, nodes.links(), nodes.vms()["shell"]) == (-9, everywhere(1500), "Halted"), killed.output
    nodes.write("node3", {**nodes.node("node3"), "port": 1500})
    for mode in (["--check"], []):
        refused = nodes.run(*mode, playbook="rollback", takeover=True)
        assert refused.status != 0
        assert (
            "the hosts go back to 9000 bytes, which switches drop whose ports were lowered since. Let every port pass"
            " them, then run harvester.network.rollback with change_switches_ready=true. Nothing was changed"
            in refused.text
        ), refused.output
        assert (nodes.changes(), nodes.links()) == ([], everywhere(1500))
    failed = nodes.run(playbook="rollback", takeover=True, switches_ready=True)
    assert failed.status != 0
    for line in (
        "Not proved on the wire at 9000 bytes, to which the hosts go back, so nothing else is undone",
        "VLAN 2017: node3",
        "at most 1500 do",
        "still to undo: hosts-lower, hosts-upper, overlay, vms-stop",
    ):
        assert line in failed.text, failed.output
    # Bond and bridge can receive it again; nothing sends it yet.
    assert {(links["mgmt-bo"], links[OWN[-1]], links["flannel.1"]) for links in nodes.links().values()} == {
        (9000, 1500, 1450)
    }
    assert (nodes.vms()["shell"], sorted(nodes.states())) == ("Halted", ["done", "open"])
    nodes.write("node3", {**nodes.node("node3"), "port": 9216})
    good(nodes.run(playbook="rollback", switches_ready=True))
    assert proved(nodes, "management network", 9000) and proved(nodes, "pod network", 8950)
    assert (nodes.links(), nodes.vms()) == (everywhere(9000), vms)
    assert sorted(nodes.states()) == ["done", "rolled-back"]


@pytest.mark.fault("mgmt_mtu", "an upgrade starts during the rollback", "stops, then goes back")
def test_an_upgrade_stops_the_rollback_before_the_next_phase(nodes: Nodes) -> None:
    vms, profiles = nodes.vms(), nodes.profiles()
    killed = nodes.run(kill_at=DONE + "#3", **UP)
    assert (killed.status, nodes.links()["node1"][OWN[-1]]) == (-9, 9000), killed.output

    def upgrade(completed: bool | None) -> None:
        nodes.client.put([make.upgrade("u", completed=completed)])

    # The hosts come first, vms-stop last.
    stopped = nodes.disturbed(HELD + "#3", lambda: upgrade(None), playbook="rollback", takeover=True)
    assert stopped.status != 0
    for line in (
        "upgrade 'u' is running; the network is not changed before it has ended",
        "undone: hosts-lower, hosts-upper",
        "still to undo: vms-stop",
    ):
        assert line in stopped.text, stopped.output
    assert proved(nodes, "management network", 1500) and proved(nodes, "pod network", 1450)
    assert (nodes.vms()["shell"], nodes.states()) == ("Halted", ["open"])
    refused = nodes.run("--check", playbook="rollback")
    assert "upgrade 'u' is running; the network is not changed before it has ended" in refused.text
    upgrade(True)
    good(nodes.run(playbook="rollback"))
    assert (nodes.links()["node1"][OWN[-1]], nodes.profiles(), nodes.vms()) == (1500, profiles, vms)
    assert nodes.states() == ["rolled-back"]


def without_storage_network(nodes: Nodes) -> None:
    """Longhorn's replicas talk over mgmt then."""
    client, vms = nodes.client, nodes.client.list(KUBEVIRT, "VirtualMachine")
    stop_all(client)
    write(client, "")
    until(lambda: done(client, ""), 120)
    for vm in vms:
        name, namespace = vm["metadata"]["name"], vm["metadata"]["namespace"]
        client.patch(KUBEVIRT, "VirtualMachine", name, {"spec": {"runStrategy": vm["spec"]["runStrategy"]}}, namespace)
    until(lambda: volume(client, "pvc-web").get("robustness") == "healthy", 120)


@pytest.mark.fault("mgmt_mtu", "a replica is rebuilt between two nodes on the way back", "waits, then goes back")
def test_volumes_that_are_in_use_are_waited_for_on_the_way_back(nodes: Nodes) -> None:
    without_storage_network(nodes)
    control, vms = nodes.cluster.harvester.control, nodes.vms()
    killed = nodes.run(kill_at=DONE + "#2", running_vms="keep", **UP)
    assert (killed.status, nodes.vms()["web"]) == (-9, vms["web"]), killed.output
    seen: list[list[str]] = []

    def mend() -> None:
        seen.append(nodes.changes())
        control.fault(rebuilding_never_ends=False)
        control.delay(rebuild=0.1)

    def degrade() -> None:
        """Once the first node has its MTU back."""
        control.fault(rebuilding_never_ends=True)
        nodes.client.patch("v1", "Node", "node1", {"status": {"nodeInfo": {"bootID": "another"}}}, status=True)
        until(lambda: volume(nodes.client, "pvc-web")["robustness"] == "degraded")
        Timer(20.0, mend).start()

    at = "harvester.network.mgmt_mtu : See that the cluster is whole#2"
    ran = good(nodes.disturbed(at, degrade, playbook="rollback", takeover=True))
    assert "for the cluster: upgrade, nodes, etcd, vip, migrations, networks, volumes." in ran.text
    assert seen == [["node2 bond-mgmt=1500 bridge-mgmt=1500 vlan-mgmt=None"]]
    assert len(nodes.changes()) == len(NODES)
    assert (nodes.links(), nodes.vms(), nodes.states()) == (everywhere(1500), vms, ["rolled-back"])
