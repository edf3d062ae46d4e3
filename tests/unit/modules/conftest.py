# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as on a node, whatever other tests have loaded."""

from __future__ import annotations

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "module_utils/cluster")]
"""Modules against the cluster share their samples with the library that they use."""


@pytest.fixture(autouse=True)
def as_on_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where Ansible's controller is loaded, as by tests of filters, a module's warnings go to the screen.
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
    # Another test's warnings are not this module's.
    monkeypatch.setattr("ansible.module_utils.common.warnings._global_warnings", {})
