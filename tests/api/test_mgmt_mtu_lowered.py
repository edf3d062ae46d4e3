# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu from 9000 down to 1500, disturbed: its runner killed at every boundary, and a path that is too small.

With the switches set in between, and with the installer's configuration at the end.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from played_nodes import DOWN, NODES, Nodes, everywhere
from stage import good
from test_mgmt_mtu_killed import BEGINS, CLOSE, DONE, leftovers
from test_switches import TASKS, ports

pytestmark = [pytest.mark.api, pytest.mark.long]

PHASES = (
    "vms-stop",
    "overlay",
    "hosts-upper",
    "hosts-lower",
    "switches",
    "annotation",
    "vms-start",
    "installer-config",
)
WISH: dict[str, Any] = {**DOWN, "installer_config": True, "switch_tasks": "switches.yml"}
INSTALLED = "token: s3cret\ninstall:\n  management_interface:\n    mtu: 9000 # bytes\n    vlan_id: 2017\n"
LOWERED = {".config": INSTALLED.replace("9000", "1500"), ".before-mtu-1500": INSTALLED}
LIVE = "harvester.network.mgmt_network : Change the profiles and make them live"


@pytest.fixture
def nodes(nodes: Nodes) -> Nodes:
    """At 9000 bytes, as Harvester knows; with a task file for the switches and the installer's configuration."""
    nodes.prepare(9000)
    nodes.annotate(9000)
    inventory = json.loads((nodes.folder / "hosts.json").read_text())
    inventory["harvester_nodes"]["vars"]["installer_config_path"] = "{{ stub_folder }}/harvester.config"
    (nodes.folder / "hosts.json").write_text(json.dumps(inventory))
    for name in NODES:
        (nodes.folder / name / "harvester.config").write_text(INSTALLED)
    (nodes.folder / "switches.yml").write_text(TASKS.replace("PORTS", str(nodes.folder / "ports")))
    return nodes


def installed(nodes: Nodes) -> list[dict[str, str]]:
    """The installer's files of each node, by what follows their common name."""
    return [
        {path.suffix: path.read_text() for path in (nodes.folder / name).glob("harvester.config*")} for name in NODES
    ]


CHAINS = {
    "before-the-first-four": [f"{BEGINS}#1", *[f"{BEGINS}#2"] * 3],
    "before-the-last-four-and-the-end": [f"{BEGINS}#5", *[f"{BEGINS}#2"] * 3, CLOSE],
    "after-the-proofs-of-the-first-four": [f"{DONE}#{number}" for number in (1, 2, 3, 4)],
    "after-the-proofs-of-the-last-four": [f"{DONE}#{number}" for number in (5, 6, 7, 8)],
}
"""A run that goes on proves the phases that are done, and begins with the one before which the last run has died."""


@pytest.mark.fault("mgmt_mtu", "runner killed at every phase boundary, lowering", "goes on")
@pytest.mark.parametrize("name", CHAINS)
def test_killed_at_every_boundary(nodes: Nodes, name: str) -> None:
    """Each run is the next one of the same change, and dies one phase later."""
    vms = nodes.vms()
    nodes.killed(*CHAINS[name], **WISH)
    good(nodes.run(takeover=True, **WISH))
    assert (nodes.links(), nodes.annotation(), nodes.office(), nodes.vms()) == (everywhere(1500), "1500", 1500, vms)
    assert (installed(nodes), ports(nodes)) == ([LOWERED] * len(NODES), ["switches=1500"])
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.mark.fault("mgmt_mtu", "runner killed, lowering", "goes back")
@pytest.mark.parametrize("number", range(1, len(PHASES) + 1), ids=PHASES)
def test_killed_after_the_proof_of_a_phase_and_rolled_back(nodes: Nodes, number: int) -> None:
    """The switches are set back first, where they were set."""
    before = (nodes.profiles(), nodes.vms(), installed(nodes))
    nodes.killed(f"{DONE}#{number}", **WISH)
    good(nodes.run(playbook="rollback", takeover=True, switch_tasks="switches.yml", switches_ready=True))
    assert (nodes.links(), nodes.profiles(), nodes.vms(), installed(nodes)) == (everywhere(9000), *before)
    assert (nodes.annotation(), nodes.office()) == ("9000", 9000)
    assert ports(nodes) == (["switches=1500", "switches=9000"] if number > PHASES.index("switches") else [])
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])


def narrow(nodes: Nodes, size: int) -> None:
    """So many bytes pass between two of the three nodes, both ways."""
    for name, peer in (("node2", "node3"), ("node3", "node2")):
        nodes.write(name, {**nodes.node(name), "narrow": {peer: size}})


@pytest.mark.fault("mgmt_mtu", "a path smaller than the lowered MTU", "stops, then goes on; goes back")
@pytest.mark.parametrize("back", [False, True], ids=["on", "back"])
def test_a_path_that_does_not_bear_the_lowered_size(nodes: Nodes, back: bool) -> None:
    """The run stops with the nodes lowered and VMs stopped: the larger size passes there even less."""
    before = (nodes.profiles(), nodes.vms())
    # Its phase comes after the overlay's, which was proved by then.
    failed = nodes.disturbed(LIVE + "#4", lambda: narrow(nodes, 1400), **DOWN)
    assert failed.status != 0
    for line in (
        "Not proved on the wire:",
        "management network: node2",
        "done: vms-stop, overlay, hosts-upper",
        "begun: hosts-lower",
        "not begun: annotation, vms-start",
    ):
        assert line in failed.text.replace("\\n", " "), failed.output
    assert (nodes.links(), nodes.annotation()) == (everywhere(1500), "9000")
    assert (nodes.vms()["shell"], nodes.states()) == ("Halted", ["open"]), "VMs are not started on what is not proved"

    narrow(nodes, 9216)
    if back:
        good(nodes.run(playbook="rollback", switches_ready=True))
        assert (nodes.links(), nodes.profiles(), nodes.annotation()) == (everywhere(9000), before[0], "9000")
    else:
        good(nodes.run(**DOWN))
        assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(1500), "1500", 1500)
    assert (nodes.vms(), leftovers(nodes)) == (before[1], [])
    assert nodes.states() == ["rolled-back" if back else "done"]
