# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab whose runner reaches the nodes over the management network only, as in a data centre.

The tests look at the nodes over the out-of-band NIC, so that they can tell what happens while the runner is cut off.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator

import pytest

from lab import Lab, Node, Progress

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "nodes"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from runs import Ansible


@pytest.fixture(scope="session")
def lab() -> Lab:
    found = Lab(progress=Progress())
    return found if found.is_running() else found.up()


@pytest.fixture(scope="session")
def ansible(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    found = Ansible(lab, tmp_path_factory.mktemp("ansible"))
    text = lab.inventory()
    for node in lab.nodes:
        over_oob = f'"{node.spec.oob_address}"'
        assert over_oob in text, text
        text = text.replace(over_oob, f'"{node.spec.mgmt_address}"')
    found.inventory.write_text(text)
    return found


@pytest.fixture
def node(lab: Lab) -> Iterator[Node]:
    """The first node, as it was after the boot, with every switch port as it should be."""
    lab.restore()
    lab.switch.reset()
    yield lab.nodes[0]
    lab.switch.reset()
