# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab, brought back to its first state before every test; what a test leaves behind is looked for after it."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator

import pytest
from fault_rows import pytest_runtest_makereport  # noqa: F401 (pytest finds it here)
from leftovers import ON_NODE

from lab import Lab, Node, Progress
from lab.apiserver.cluster import INSTALLED

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from runs import Ansible


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab(progress=Progress()).up()


@pytest.fixture(scope="session")
def running() -> Iterator[Lab]:
    """A lab with the stand-in, whose agents would strip VLAN ids from the nodes of the other. No cluster networks."""
    found = Lab("installed", Progress()).up(cluster=True, seed=INSTALLED)
    yield found
    found.down()


@pytest.fixture(scope="session")
def operated() -> Iterator[Lab]:
    """The same with what an operator has made: cluster networks, a storage network, VMs and volumes."""
    found = Lab("operated", Progress()).up(cluster=True)
    yield found
    found.down()


@pytest.fixture(scope="session")
def ansible(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    return Ansible(lab, tmp_path_factory.mktemp("ansible"))


@pytest.fixture
def nodes(lab: Lab) -> Iterator[dict[str, Node]]:
    """The nodes by name, as they were after the boot. Asserts that no test leaves anything of ours on them."""
    lab.restore()
    found = {node.name: node for node in lab.nodes}
    yield found
    left = {name: node.run(ON_NODE).stdout.strip() for name, node in found.items()}
    assert not any(left.values()), f"left behind: {left}"
