# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with its runner killed at every phase boundary: it goes on or back from there, and nothing is lost."""

from __future__ import annotations

import pytest
from played_nodes import UP, Nodes, everywhere
from stage import good

pytestmark = [pytest.mark.api, pytest.mark.long]

CHANGE = "harvester.network.change : "
PHASES = ("vms-stop", "hosts-lower", "hosts-upper", "overlay", "annotation", "vms-start")
BEGINS, DONE, CLOSE = (
    CHANGE + task for task in ("Record that the phase begins", "Record that the phase is done", "Close the change#1")
)


def leftovers(nodes: Nodes) -> list[str]:
    """What a change that is closed must not leave: copies on the controller and on the nodes, and its Lease."""
    copies = [path for part in ("copies", "*/kept") for path in nodes.folder.glob(f"{part}/*")]
    return [str(path) for path in copies] + nodes.leases()


CHAINS = {
    "before-the-first-three": [f"{BEGINS}#1", *[f"{BEGINS}#2"] * 2],
    "before-the-last-three-and-the-end": [f"{BEGINS}#4", *[f"{BEGINS}#2"] * 2, CLOSE],
    "after-the-proofs-of-the-first-three": [f"{DONE}#{number}" for number in (1, 2, 3)],
    "after-the-proofs-of-the-last-three": [f"{DONE}#{number}" for number in (4, 5, 6)],
}
"""A run that goes on proves the phases that are done, and begins with the one before which the last run has died."""


@pytest.mark.fault("mgmt_mtu", "runner killed at every phase boundary", "goes on")
@pytest.mark.parametrize("name", CHAINS)
def test_killed_at_every_boundary(nodes: Nodes, name: str) -> None:
    """Each run is the next one of the same change, and dies one phase later."""
    vms = nodes.vms()
    nodes.killed(*CHAINS[name], **UP)
    good(nodes.run(takeover=True, **UP))
    assert (nodes.links(), nodes.annotation(), nodes.office(), nodes.vms()) == (everywhere(9000), "9000", 9000, vms)
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.mark.fault("mgmt_mtu", "runner killed", "goes back")
@pytest.mark.parametrize("number", range(1, len(PHASES) + 1), ids=PHASES)
def test_killed_after_the_proof_of_a_phase_and_rolled_back(nodes: Nodes, number: int) -> None:
    before = (nodes.profiles(), nodes.vms())
    annotated = number > PHASES.index("annotation")
    nodes.killed(f"{DONE}#{number}", **UP)
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.annotation(), nodes.office()) == ("1500" if annotated else None, 1500)
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])
