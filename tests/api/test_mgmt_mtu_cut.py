# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu whose ssh to a node is cut between the hosts: it stops, and goes on or back once the node answers."""

from __future__ import annotations

import pytest
from played_nodes import NODES, UP, Nodes, everywhere
from stage import good
from test_mgmt_mtu_killed import leftovers

pytestmark = [pytest.mark.api, pytest.mark.long]

UPPER = "harvester.network.mgmt_mtu : Compare the profiles with the node#2"
"""The first task of the second pass: bonds and bridges have the new MTU, the devices with addresses have not."""


@pytest.mark.fault("mgmt_mtu", "ssh to a node is cut", "stops, then goes on; goes back")
@pytest.mark.parametrize("back", [False, True], ids=["on", "back"])
def test_a_node_that_does_not_answer_any_more(nodes: Nodes, back: bool) -> None:
    before = (nodes.profiles(), nodes.vms())
    cut = nodes.folder / "node3/away"
    failed = nodes.disturbed(UPPER, cut.touch, **UP)
    assert failed.status != 0
    for line in (
        "no route to the stub",
        "done: vms-stop, hosts-lower",
        "begun: hosts-upper",
        "go on: ansible-playbook harvester.network.mgmt_mtu",
    ):
        assert line in failed.text, failed.output
    halfway = {name: (links["mgmt-bo"], links["mgmt-br.2017"]) for name, links in nodes.links().items()}
    assert halfway == dict.fromkeys(NODES, (9000, 1500))
    assert (nodes.vms()["shell"], nodes.annotation(), nodes.states()) == ("Halted", None, ["open"])

    # Neither on nor back as long as one of them is not reached.
    early = nodes.run(**({"playbook": "rollback"} if back else UP))
    assert early.status != 0
    assert "no route to the stub" in early.text, early.output
    assert (nodes.changes(), nodes.vms()["shell"], nodes.states()) == ([], "Halted", ["open"])

    cut.unlink()
    good(nodes.run(**({"playbook": "rollback"} if back else UP)))
    if back:
        assert (nodes.links(), nodes.profiles(), nodes.annotation()) == (everywhere(1500), before[0], None)
    else:
        assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    assert (nodes.vms(), leftovers(nodes)) == (before[1], [])
    assert nodes.states() == ["rolled-back" if back else "done"]
