# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback that is disturbed itself: its runner dies at every boundary of mgmt_mtu's way back, or the API is away.

The next rollback takes up what is left. VMs stay off as long as the hosts are not all back.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from played_nodes import NODES, UP, Nodes, everywhere
from stage import away, good, killed_in, until
from test_mgmt_mtu_killed import BEGINS, CLOSE, leftovers
from test_mtu_runbook import UP as NETWORK_UP
from test_mtu_runbook import Mtu

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]

CHANGE = "harvester.network.change : "
LEASE, UNDONE = (CHANGE + task for task in ("See that this run still has the Lease", "Record that the phase is undone"))
LIVE = "harvester.network.mgmt_network : Change the profiles and make them live"
POWER = "harvester.network.vms : Bring the VMs to their state"
WRITE = "harvester.network.cluster_network : Write the configurations and wait for the agents"
PUT = "harvester.network.cluster_network : Put the configurations back as they were recorded#2"
BACK = ("vms-start", "annotation", "overlay", "hosts-upper", "hosts-lower", "vms-stop")
"""The phases in the order in which they are undone."""
Seen = tuple[dict[str, tuple[int, ...]], str | None, bool]


def seen(nodes: Nodes) -> Seen:
    """MTUs of each node's bond, of its device with the address and of its overlay; the annotation; whether VMs run."""
    devices = ("mgmt-bo", "mgmt-br.2017", "flannel.1")
    links = {name: tuple(found[device] for device in devices) for name, found in nodes.links().items()}
    return links, nodes.annotation(), nodes.vms()["shell"] != "Halted"


def undone(count: int) -> Seen:
    """What is there once so many phases are undone."""
    bond = 9000 if count <= BACK.index("hosts-lower") else 1500
    addressed = 9000 if count <= BACK.index("hosts-upper") else 1500
    overlay = 8950 if count <= BACK.index("overlay") else 1450
    annotation = "9000" if count <= BACK.index("annotation") else "1500"
    return dict.fromkeys(NODES, (bond, addressed, overlay)), annotation, count in (0, len(BACK))


def goes_back(nodes: Nodes, before: tuple[Any, ...]) -> None:
    """Another rollback does the rest. before: profiles and VMs."""
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.annotation(), nodes.office()) == ("1500", 1500)
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])


AT = {
    **{f"{phase} undone, not recorded": (f"{UNDONE}#{count}", count) for count, phase in enumerate(BACK, 1)},
    "before hosts-lower": (f"{LEASE}#{BACK.index('hosts-lower') + 1}", BACK.index("hosts-lower")),
    "before the end": (CLOSE, len(BACK)),
}
"""Task right before which the runner of the rollback is killed, and how many phases are undone by then."""


@pytest.mark.fault("rollback", "runner killed on the way back of mgmt_mtu", "goes back")
@pytest.mark.parametrize("where", AT)
def test_killed_at_a_boundary(nodes: Nodes, where: str) -> None:
    at, count = AT[where]
    before = (nodes.profiles(), nodes.vms())
    nodes.killed(CLOSE, **UP)
    assert seen(nodes) == undone(0)
    killed = nodes.run(playbook="rollback", takeover=True, kill_at=at)
    assert (killed.status, killed.tasks[-1:], nodes.states()) == (-9, [at], ["open"]), killed.output
    assert seen(nodes) == undone(count)
    goes_back(nodes, before)


@pytest.mark.fault("rollback", "runner killed between two nodes, mgmt_mtu", "goes back")
def test_killed_between_two_nodes(nodes: Nodes) -> None:
    """One node of three has its devices with addresses back."""
    before = (nodes.profiles(), nodes.vms())
    nodes.killed(CLOSE, **UP)
    killed = nodes.run(playbook="rollback", takeover=True, kill_at=LIVE + "#2")
    assert killed.status == -9, killed.output
    back = [name for name, links in nodes.links().items() if links["mgmt-br.2017"] == 1500]
    assert (back, nodes.vms()["shell"]) == (["node2"], "Halted")
    goes_back(nodes, before)


@pytest.mark.fault("rollback", "runner killed while VMs start, mgmt_mtu", "goes back")
def test_killed_while_the_vms_start(nodes: Nodes) -> None:
    before, control = (nodes.profiles(), nodes.vms()), nodes.cluster.harvester.control
    nodes.killed(f"{BEGINS}#2", **UP)
    assert nodes.vms() != before[1]
    control.delay(vm_start=10000.0)
    killed_in(nodes, POWER + "#1", lambda: nodes.vms() == before[1], playbook="rollback", takeover=True)
    assert nodes.states() == ["open"]
    control.delay(vm_start=0.0)
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])


@pytest.mark.fault("rollback", "API server down for 30 s, mgmt_mtu", "goes back")
def test_an_api_that_is_away_while_a_node_goes_back(nodes: Nodes) -> None:
    before = (nodes.profiles(), nodes.vms())
    nodes.killed(CLOSE, **UP)

    def gone() -> None:
        nodes.cluster.stop()
        nodes.go_on()
        away(nodes.cluster)

    good(nodes.disturbed(LIVE + "#1", gone, playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.annotation(), nodes.office()) == ("1500", 1500)
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Mtu:
    found = Mtu(running, tmp_path, "mtu")
    found.prepare()
    return found


@pytest.mark.fault("rollback", "API server down for 30 s, cluster_network_mtu", "goes back")
def test_an_api_that_is_away_while_a_configuration_goes_back(stage: Mtu) -> None:
    """It is taken away for the change, and waited for when it is there again."""
    before = stage.seen()
    stage.killed(WRITE + "#2", **NETWORK_UP)
    assert "vmnet-rack-b" not in stage.seen()[2]
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(stage.run, "rollback", pause_at=PUT, change_takeover=True)
        stage.wait_for("tasks", PUT)
        (stage.folder / "tasks.go").touch()
        until(lambda: "vmnet-rack-b" in stage.seen()[2], "the configuration is not put back")
        away(stage.cluster)
        good(ran.result())
    assert (stage.seen(), stage.states(), stage.leases()) == (before, ["rolled-back"], [])
