# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with change_apply=reboot, its runner killed around the phases before and after the reboots."""

from __future__ import annotations

import pytest
from played_nodes import NODES, UP, Nodes, everywhere
from stage import good
from test_mgmt_mtu_killed import BEGINS, DONE, leftovers
from test_mgmt_mtu_reboot import FASTER, TURNS, Boots, boots, cordons, run, running

pytestmark = [pytest.mark.api, pytest.mark.long]
__all__ = ["boots"]

PHASES = ("vms-stop", "hosts-profiles", "reboot-1", "reboot-2", "reboot-3", "hosts-proof")
KILLS = {
    f"{when} {phase}": f"{task}#{PHASES.index(phase) + 1}"
    for phase in ("hosts-profiles", "hosts-proof")
    for when, task in (("before", BEGINS), ("after", DONE))
}
"""When the runner dies, and the task right before which it does."""


def written(nodes: Nodes) -> dict[str, int]:
    """The MTU of each node's profile of its bond."""
    return {name: profiles["bond-mgmt"] for name, profiles in nodes.profiles().items()}


@pytest.mark.fault("mgmt_mtu", "runner killed at the phases around the reboots", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("when", KILLS)
def test_killed_around_the_reboots(nodes: Nodes, boots: Boots, when: str, way: str) -> None:
    """No node is rebooted twice, nor for the way back."""
    profiles, vms, up = nodes.profiles(), nodes.vms(), running(nodes)
    killed = run(nodes, kill_at=KILLS[when], **UP)
    assert (killed.status, killed.tasks[-1:], nodes.states()) == (-9, [KILLS[when]], ["open"]), killed.output
    booted = list(TURNS) if when.endswith("hosts-proof") else []
    assert [name for name, _ in boots.seen] == booted
    assert written(nodes) == dict.fromkeys(NODES, 1500 if when == "before hosts-profiles" else 9000)
    assert {links["mgmt-bo"] for links in nodes.links().values()} == {9000 if booted else 1500}
    if way == "on":
        good(run(nodes, takeover=True, **UP))
        assert [name for name, _ in boots.seen] == [*TURNS]
        assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    else:
        good(nodes.run(*FASTER, playbook="rollback", takeover=True))
        assert [name for name, _ in boots.seen] == booted
        assert (nodes.links(), nodes.profiles(), nodes.annotation()) == (everywhere(1500), profiles, None)
    assert (nodes.vms(), running(nodes), cordons(nodes)) == (vms, up, [])
    assert not [name for name in NODES if (nodes.folder / name / "armed").exists()]
    assert (nodes.states(), leftovers(nodes)) == (["done" if way == "on" else "rolled-back"], [])
