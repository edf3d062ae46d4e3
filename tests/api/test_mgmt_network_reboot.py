# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_network with change_apply=reboot on a real API, its runner killed around the reboot and around the proof."""

from __future__ import annotations

import pytest
from played_nodes import Nodes, everywhere
from stage import good
from test_mgmt_mtu_killed import BEGINS, DONE
from test_mgmt_mtu_reboot import FASTER, Boots, boots, cordons, running
from test_mgmt_network_runbook import DIFFERS, clean, nodes, run

pytestmark = [pytest.mark.api, pytest.mark.long]
__all__ = ["boots", "nodes"]

PHASES = ("hosts", "reboot-1", "proof")
KILLS = {
    f"{when} {phase}": f"{task}#{PHASES.index(phase) + 1}"
    for phase in ("reboot-1", "proof")
    for when, task in (("before", BEGINS), ("after", DONE))
}
"""When the runner dies, and the task right before which it does."""


@pytest.mark.fault("mgmt_network", "runner killed at a phase around the reboot", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("when", KILLS)
def test_killed_around_the_reboot(nodes: Nodes, boots: Boots, when: str, way: str) -> None:
    """The node that differs is rebooted once, and not for the way back."""
    before, profiles, up = nodes.links(), nodes.profiles(), running(nodes)
    killed = run(nodes, *FASTER, kill_at=KILLS[when], apply="reboot")
    assert (killed.status, killed.tasks[-1:], nodes.states()) == (-9, [KILLS[when]], ["open"]), killed.output
    booted = [] if when == "before reboot-1" else [DIFFERS]
    assert [name for name, _ in boots.seen] == booted
    assert (nodes.profiles()[DIFFERS]["bond-mgmt"], nodes.links() == before) == (1500, not booted)
    if way == "on":
        good(run(nodes, *FASTER, takeover=True, apply="reboot"))
        assert [name for name, _ in boots.seen] == [DIFFERS]
        assert (nodes.links(), nodes.states()) == (everywhere(1500), ["done"])
    else:
        good(nodes.run(*FASTER, playbook="rollback", takeover=True))
        assert [name for name, _ in boots.seen] == booted
        assert (nodes.links(), nodes.profiles(), nodes.states()) == (before, profiles, ["rolled-back"])
    assert (running(nodes), cordons(nodes), clean(nodes)) == (up, [], True)
