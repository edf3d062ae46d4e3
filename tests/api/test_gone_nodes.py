# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node dies for good in the middle of mgmt_mtu: the change goes back without it, and says what was left out."""

from __future__ import annotations

import pytest
from played_nodes import UP, Nodes, everywhere
from stage import good

pytestmark = [pytest.mark.api, pytest.mark.long]

AFTER_THE_HOSTS = "harvester.network.change : Record that the phase begins#4"


def dies(nodes: Nodes, name: str) -> None:
    """Its kubelet is silent, and the control plane has noticed."""
    conditions = [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}]
    nodes.client.patch("v1", "Node", name, {"status": {"conditions": conditions}}, status=True)


@pytest.mark.fault("mgmt_mtu", "a node is dead for good", "goes back without it")
def test_a_node_that_is_dead_for_good(nodes: Nodes) -> None:
    vms, profiles = nodes.vms(), nodes.profiles()
    killed = nodes.run(kill_at=AFTER_THE_HOSTS, **UP)
    assert (killed.status, killed.tasks[-1:]) == (-9, [AFTER_THE_HOSTS]), killed.output
    changed = (nodes.links(), nodes.profiles())
    (nodes.folder / "node3/away").touch()

    def refused(message: str, **given: object) -> None:
        ran = nodes.run(playbook="rollback", takeover=True, **given)
        assert ran.status != 0
        assert message in ran.text, ran.output
        assert ((nodes.links(), nodes.profiles()), nodes.states()) == (changed, ["open"])

    refused(
        "node 'node3': its host node3 is not reached; bring it back, then roll back again; with change_scope=hosts and"
        " --limit those that are reached do not wait for it; if it will never come back, give change_gone_nodes=node3"
    )
    refused(
        "node 'node2': change_gone_nodes=node2: its host node2 is reached, and only a node that is away is left out;"
        " take it off the list",
        gone_nodes=["node2", "node3"],
    )
    refused(
        "node 'node3': change_gone_nodes=node3: it is Ready, and only a node that is not, or that is no longer in the"
        " cluster, is left out; take it off the list, and let the run reach its host",
        gone_nodes=["node3"],
    )
    dies(nodes, "node3")
    ran = good(nodes.run(playbook="rollback", takeover=True, gone_nodes=["node3"]))
    for line in (
        "put back: Host node1, Host node2",
        "left out: Host node3",
        "gone, and left out: node node3.",
        "not put back on: node3; its profiles are still those of phases hosts-lower, hosts-upper. Before it joins",
    ):
        assert line in ran.text, ran.output
    back = everywhere(1500)
    assert nodes.links() == {**back, "node3": changed[0]["node3"]}
    assert nodes.profiles() == {**profiles, "node3": changed[1]["node3"]}
    assert (nodes.vms(), nodes.states(), nodes.leases()) == (vms, ["rolled-back"], [])
    # Its disk has outlived it, and knows what was there before.
    (nodes.folder / "node3/away").unlink()
    good(nodes.run("--limit", "node3", playbook="rollback", scope="hosts"))
    assert (nodes.links(), nodes.profiles()) == (back, profiles)
