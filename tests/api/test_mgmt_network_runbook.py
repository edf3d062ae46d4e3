# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook mgmt_network as a recorded change, against a real API: a node that differs is brought to the cluster's MTU.

The nodes are folders here, with stand-ins for the modules that run on nodes; real nodes are in tests/nodes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from played_nodes import NODES, OWN, Nodes, everywhere
from stage import Ran, away, good
from test_change_copies import DEAD

pytestmark = pytest.mark.api

DESIRED = {"vlan_id": 2017, "mtu": 1500}
DIFFERS = "node3"


@pytest.fixture
def nodes(nodes: Nodes) -> Nodes:
    node = nodes.node(DIFFERS)
    node["links"].update(dict.fromkeys(OWN, 9000))
    node["profiles"] = dict.fromkeys(node["profiles"], 9000)
    nodes.write(DIFFERS, node)
    return nodes


def run(nodes: Nodes, *arguments: str, **given: Any) -> Ran:
    return nodes.run("-e", json.dumps({"harvester_mgmt": DESIRED}), *arguments, playbook="mgmt_network", **given)


def clean(nodes: Nodes) -> bool:
    """Whether nothing is left: no Lease, no copy on a node, nothing that waits to be confirmed."""
    left = [path for name in NODES for path in (nodes.folder / name).glob("kept/*")]
    armed = [name for name in NODES if (nodes.folder / name / "armed").exists()]
    return not left and not armed and not nodes.leases()


def test_a_node_that_differs_in_four_beats(nodes: Nodes) -> None:
    before = nodes.links()
    bad = run(nodes, window_end="tomorrow")
    assert bad.status != 0
    assert "window: window_end=tomorrow: " in bad.text
    assert (nodes.links(), nodes.states()) == (before, [])

    check = good(run(nodes, "--check"))
    assert "1. hosts" in check.text
    sets = "sets on Node node3: profile bond-mgmt mtu from 9000 to 1500, profile bridge-mgmt mtu from 9000 to 1500"
    assert sets in check.text
    assert (nodes.links(), nodes.states(), clean(nodes)) == (before, [], True)

    good(run(nodes))
    assert nodes.changes() == ["node3 bond-mgmt=1500 bridge-mgmt=1500 vlan-mgmt=1500"]
    assert (nodes.links(), nodes.states(), clean(nodes)) == (everywhere(1500), ["done"], True)

    again = good(run(nodes))
    assert (nodes.changes(), nodes.states()) == ([], ["done"])
    assert again.text.count("changed=0") == 3


KILLS = (
    "harvester.network.mgmt_network : Change the profiles and make them live#1",
    "harvester.network.mgmt_network : Stop when a node could not be changed#1",
    "harvester.network.mgmt_network : Keep the result#1",
    "harvester.network.mgmt_network : Prove links and wire#1",
    "harvester.network.change : Close the change#1",
)


@pytest.mark.fault("mgmt_network", "runner killed", "goes on; goes back")
@pytest.mark.long
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("at", KILLS)
def test_a_run_that_was_killed_goes_on_or_back(nodes: Nodes, at: str, way: str) -> None:
    before, profiles = nodes.links(), nodes.profiles()
    killed = run(nodes, kill_at=at)
    assert (killed.status, nodes.states()) == (-9, ["open"]), killed.output
    if way == "on":
        good(run(nodes, takeover=True))
        assert (nodes.links(), nodes.states()) == (everywhere(1500), ["done"])
    else:
        good(nodes.run(playbook="rollback", takeover=True))
        assert (nodes.links(), nodes.profiles(), nodes.states()) == (before, profiles, ["rolled-back"])
    assert clean(nodes)


@pytest.mark.fault("mgmt_network", "API server down for 30 s", "goes on")
@pytest.mark.long
def test_an_api_that_is_away_for_half_a_minute(nodes: Nodes) -> None:
    """While a node changes."""

    def gone() -> None:
        nodes.cluster.stop()
        nodes.go_on()
        away(nodes.cluster)

    wish = ["-e", json.dumps({"harvester_mgmt": DESIRED})]
    good(nodes.disturbed(KILLS[0], gone, *wish, playbook="mgmt_network"))
    assert (nodes.links(), nodes.states(), clean(nodes)) == (everywhere(1500), ["done"], True)


@pytest.mark.fault("mgmt_network", "runner killed, API server gone", "goes back on the hosts")
@pytest.mark.long
def test_a_node_that_waits_to_be_confirmed_goes_back_without_the_api(nodes: Nodes) -> None:
    before, profiles = nodes.links(), nodes.profiles()
    killed = run(nodes, kill_at="harvester.network.mgmt_network : Stop when a node could not be changed#1")
    assert (killed.status, [name for name in NODES if (nodes.folder / name / "armed").exists()]) == (-9, [DIFFERS])
    good(nodes.run("-e", json.dumps({"harvester_api": DEAD["harvester_api"]}), playbook="rollback", scope="hosts"))
    assert (nodes.links(), nodes.profiles(), nodes.states()) == (before, profiles, ["open"])
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.states(), clean(nodes)) == (before, ["rolled-back"], True)
