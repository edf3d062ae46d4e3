# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delays and faults, switched by one process and read by another."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.harvester.settings import Control, Delays, Faults


def test_what_is_switched_is_read(tmp_path: Path) -> None:
    one, other = Control(tmp_path), Control(tmp_path)
    assert (other.faults(), other.delays(Delays(look=1.0))) == (Faults(), Delays(look=1.0))
    one.fault(stubborn_guests=["default/web"], etcd_leader="node2")
    one.fault(etcd_leader="node3")
    one.delay(vm_stop=5.0)
    assert other.faults() == Faults(stubborn_guests=("default/web",), etcd_leader="node3")
    assert other.delays(Delays(look=1.0)) == Delays(look=1.0, vm_stop=5.0)


def test_a_reset_takes_it_back(tmp_path: Path) -> None:
    control = Control(tmp_path)
    control.fault(leaks_addresses=True)
    control.delay(vm_stop=5.0)
    with control.resetting():
        assert control.faults().leaks_addresses
    assert (control.faults(), control.delays(Delays()), control.resets()) == (Faults(), Delays(), 1)


def test_unknown_names(tmp_path: Path) -> None:
    control = Control(tmp_path)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        control.fault(nothing=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        control.delay(nothing=1.0)
    assert control.faults() == Faults()
