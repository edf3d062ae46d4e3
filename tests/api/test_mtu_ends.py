# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of the MTU runbooks: guests from inside, the installer's configuration, the variables of the inventory."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from played_nodes import NODES, UP, Nodes, everywhere
from stage import good
from test_mtu_runbook import UP as NETWORK_UP
from test_mtu_runbook import Mtu, at

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]

INSTALLED = "token: s3cret\ninstall:\n  management_interface:\n    mtu: 1500 # bytes\n    vlan_id: 2017\n"


@pytest.fixture
def nodes(nodes: Nodes, tmp_path: Path) -> Nodes:
    """Each node has an installer's configuration, and node3 has none."""
    inventory = json.loads((tmp_path / "hosts.json").read_text())
    inventory["harvester_nodes"]["vars"]["installer_config_path"] = "{{ stub_folder }}/harvester.config"
    (tmp_path / "hosts.json").write_text(json.dumps(inventory))
    for name in NODES[:2]:
        (tmp_path / name / "harvester.config").write_text(INSTALLED)
        (tmp_path / name / "harvester.config").chmod(0o640)
    # Has it already, with the copy that an earlier change left.
    (tmp_path / "node2/harvester.config").write_text(INSTALLED.replace("1500", "9000"))
    (tmp_path / "node2/harvester.config.before-mtu-9000").write_text("of an earlier change")
    return nodes


def installed(nodes: Nodes) -> dict[str, dict[str, str]]:
    """The files of each node, by what follows their common name."""
    return {
        name: {path.suffix: path.read_text() for path in (nodes.folder / name).glob("harvester.config*")}
        for name in NODES
    }


def test_the_installers_configuration_follows_and_goes_back(nodes: Nodes) -> None:
    before = installed(nodes)
    given: dict[str, Any] = {**UP, "installer_config": True}
    killed = nodes.run(kill_at="harvester.network.change : Close the change#1", **given)
    assert killed.status == -9
    assert nodes.links() == everywhere(9000)
    new = {".config": INSTALLED.replace("1500", "9000"), ".before-mtu-9000": INSTALLED}
    assert installed(nodes) == {"node1": new, "node2": before["node2"], "node3": {}}
    assert "s3cret" not in killed.output
    good(nodes.run(playbook="rollback", takeover=True))
    assert (installed(nodes), nodes.links(), nodes.states()) == (before, everywhere(1500), ["rolled-back"])
    assert stat.S_IMODE((nodes.folder / "node1/harvester.config").stat().st_mode) == 0o640


def test_variables_of_the_inventory_that_have_the_old_value_are_named(nodes: Nodes) -> None:
    old = {"harvester_mgmt": {"mtu": 1500}, "harvester_cluster_networks": [{"name": "mgmt", "uplink_mtu": 1500}]}
    ran = good(nodes.run("-e", json.dumps(old), **UP))
    assert (
        "node2: still in the inventory: harvester_mgmt.mtu=1500, harvester_cluster_networks[0].uplink_mtu=1500. Write"
        " 9000 there" in ran.text
    )


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Mtu:
    found = Mtu(running, tmp_path, "mtu")
    found.prepare()
    return found


def with_guest(stage: Mtu, **variables: Any) -> None:
    """An inventory with a guest, which is this machine."""
    path = stage.folder / "hosts.json"
    inventory = json.loads(path.read_text())
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
    inventory["harvester_guests"] = {"hosts": {"web": {**local, **variables}}}
    path.write_text(json.dumps(inventory))


def test_guests_are_looked_at_from_inside(stage: Mtu) -> None:
    """web is one, with another MTU than it should have; db has no way in."""
    before = stage.seen()
    inventory = (stage.folder / "hosts.json").read_text()
    with_guest(stage, harvester_guest_address="127.0.0.1")
    ran = stage.run(**NETWORK_UP)
    assert ran.status != 0
    assert "Not checked inside: production/db." in ran.text
    assert "guest web: lo has MTU 65536 instead of 9000; see what its DHCP, cloud-init or network" in ran.text
    assert "begun: vms-start" in ran.text
    assert stage.seen() == at(before, 9000)
    (stage.folder / "hosts.json").write_text(inventory)
    on = good(stage.run(**NETWORK_UP))
    assert "Not checked inside: default/web, production/db." in on.text
    assert stage.states() == ["done"]


AWAY = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (AWAY, "guest web: not reached after the start; see ansible_host, and whether it is up"),
        ({"ansible_python_interpreter": "/no/python"}, "guest web: The module interpreter '/no/python' was not found."),
    ],
    ids=["away", "no Python"],
)
def test_a_guest_that_cannot_be_looked_at_is_named(stage: Mtu, variables: dict[str, Any], told: str) -> None:
    """The change stays open, also where a module fails on the guest."""
    before = stage.seen()
    inventory = (stage.folder / "hosts.json").read_text()
    with_guest(stage, **variables)
    ran = stage.run(**NETWORK_UP)
    assert ran.status != 0
    assert told in ran.text, ran.output
    assert stage.states() == ["open"]
    assert "begun: vms-start" in ran.text
    assert stage.seen() == at(before, 9000)
    (stage.folder / "hosts.json").write_text(inventory)
    good(stage.run(**NETWORK_UP))
    assert stage.states() == ["done"]
