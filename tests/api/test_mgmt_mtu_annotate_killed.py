# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu_annotate with its runner killed at every phase boundary: it goes on or back from there."""

from __future__ import annotations

import pytest
from played_nodes import KUBEVIRT, Nodes, everywhere
from stage import good, until
from test_mgmt_mtu_killed import BEGINS, CLOSE, DONE, leftovers

from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

PHASES = ("vms-stop", "annotation", "vms-start")


@pytest.fixture
def nodes(nodes: Nodes) -> Nodes:
    """Installed at 9000 bytes, with a VM on mgmt, which has to stop."""
    nodes.prepare(9000)
    nodes.client.put([make.vm("guest", ["default/office"], strategy="Always")])
    until(lambda: runs(nodes), "the VM does not run")
    return nodes


def runs(nodes: Nodes) -> bool:
    """Whether the VM on mgmt does."""
    found = nodes.client.list(KUBEVIRT, "VirtualMachineInstance")
    phases = {item["metadata"]["name"]: (item.get("status") or {}).get("phase") for item in found}
    return phases.get("guest") == "Running"


def killed(nodes: Nodes, at: str) -> None:
    ran = nodes.run(playbook="mgmt_mtu_annotate", kill_at=at, takeover=True)
    assert (ran.status, ran.tasks[-1:], nodes.states()) == (-9, [at], ["open"]), ran.output


@pytest.mark.fault("mgmt_mtu_annotate", "runner killed at every phase boundary", "goes on")
def test_killed_at_every_boundary(nodes: Nodes) -> None:
    """Each run is the next one of the same change, and dies one phase later. What is done does not begin again."""
    vms = nodes.vms()
    for at in (f"{BEGINS}#1", f"{BEGINS}#2", f"{BEGINS}#2", CLOSE):
        killed(nodes, at)
    good(nodes.run(playbook="mgmt_mtu_annotate", takeover=True))
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    assert (nodes.vms(), runs(nodes)) == (vms, True)
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.mark.fault("mgmt_mtu_annotate", "runner killed", "goes back")
@pytest.mark.parametrize("number", range(1, len(PHASES) + 1), ids=PHASES)
def test_killed_after_the_proof_of_a_phase_and_rolled_back(nodes: Nodes, number: int) -> None:
    """The nodes keep the MTU of their installation; what Harvester was told is taken back."""
    vms, profiles = nodes.vms(), nodes.profiles()
    annotated = number > PHASES.index("annotation")
    killed(nodes, f"{DONE}#{number}")
    assert (nodes.annotation(), runs(nodes)) == ("9000" if annotated else None, number == len(PHASES))
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.annotation(), nodes.office()) == ("1500" if annotated else None, 1500)
    assert (nodes.links(), nodes.profiles()) == (everywhere(9000), profiles)
    assert (nodes.vms(), runs(nodes)) == (vms, True)
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])
