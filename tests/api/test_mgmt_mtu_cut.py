# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu and a node that is cut off, or not known any more, between the hosts: it stops, and goes on or back."""

from __future__ import annotations

import pytest
from played_nodes import NODES, OWN, UP, Nodes, everywhere
from stage import good
from test_mgmt_mtu_killed import leftovers

pytestmark = [pytest.mark.api, pytest.mark.long]

UPPER = "harvester.network.mgmt_mtu : Compare the profiles with the node#2"
"""The first task of the second pass: bonds and bridges have the new MTU, the devices with addresses have not."""
ENDS = "Look at the ports that have come since#2"
"""The first one is of the phase that stops them, which skips it."""
AGAIN = "harvester.network.mgmt_mtu : Look at the node again#1"


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


@pytest.mark.fault("mgmt_mtu", "a node with another MAC and no default route", "stops, then goes back")
def test_a_node_that_is_not_known_as_before(nodes: Nodes) -> None:
    before = (nodes.profiles(), nodes.vms())
    was = nodes.node("node2")
    failed = nodes.disturbed(
        AGAIN, lambda: nodes.write("node2", {**nodes.node("node2"), "mac": "fa:16:3e:00:00:01", "gateway": None}), **UP
    )
    assert failed.status != 0
    wrong = [f"{name}: MAC fa:16:3e:00:00:01 instead of {was['mac']}" for name in OWN]
    wrong.append("default route of IPv4 none instead of 192.0.2.1 on mgmt-br.2017")
    for line in (
        f"node2 is not known as before its change: {'; '.join(wrong)}. No further node is changed. See ip -d link,",
        "ip route and its Kubernetes node; mend it, then run again, or roll back.",
        "done: vms-stop",
        "begun: hosts-lower",
    ):
        assert line in failed.text, failed.output
    assert {name: links["mgmt-bo"] for name, links in nodes.links().items()} == {
        "node1": 1500,
        "node2": 9000,
        "node3": 1500,
    }
    assert (nodes.vms()["shell"], nodes.states()) == ("Halted", ["open"])

    # What is gone keeps no node from going back.
    good(nodes.run(playbook="rollback"))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (leftovers(nodes), nodes.states()) == ([], ["rolled-back"])


def test_a_port_of_a_vm_with_the_old_mtu(nodes: Nodes) -> None:
    """The node has one of a pod, too, which nobody asks for another MTU."""
    vms = nodes.vms()

    def add(name: str, mtu: int) -> None:
        port = {"name": name, "kind": "veth", "mtu": mtu, "parent": None, "controller": "mgmt-br", "addresses": []}
        others = [one for one in nodes.node("node2").get("devices", []) if one["name"] != name]
        nodes.write("node2", {**nodes.node("node2"), "devices": [*others, port]})

    add("veth0", 1500)
    failed = nodes.disturbed(ENDS, lambda: add("veth1", 1500), **UP)
    assert failed.status != 0
    for line in (
        "node2: mgmt-br: port veth1: MTU 1500 instead of 9000. A VM has this from its VM network",
        "begun: vms-start",
    ):
        assert line in failed.text, failed.output
    assert "veth0" not in failed.text
    # Restarted, it has a new interface.
    add("veth1", 9000)
    good(nodes.run(**UP))
    assert (nodes.vms(), nodes.states(), leftovers(nodes)) == (vms, ["done"], [])
