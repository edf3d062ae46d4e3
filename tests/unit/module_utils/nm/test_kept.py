# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node keeps of a change: written once, whole, and gone with the change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm._kept import Kept, forget, keep, kept

CHANGE, OTHER = "20261126t010203z-mgmt-mtu", "20261125t010203z-mgmt-mtu"
UPPER = {"place": 2, "id": "hosts-upper", "role": "harvester.network.mgmt_mtu", "input": {"mtu": 9000}, "before": [1]}
LOWER = {**UPPER, "place": 1, "id": "hosts-lower"}


def run(argv: Sequence[str]) -> tuple[int, str, str]:
    return (0, '[{"ifname":"mgmt-bo"}]', "") if argv[0] == "ip" else (127, "", "bridge: No such file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    profiles = tmp_path / "etc/NetworkManager/system-connections"
    profiles.mkdir(parents=True)
    (profiles / "bond-mgmt.nmconnection").write_text("[connection]\nid=bond-mgmt\n")
    return tmp_path / "etc/NetworkManager/kept"


def with_phase(folder: Path, phase: dict[str, Any] | None = None, change: str = CHANGE) -> bool:
    return keep(change, phase, run, str(folder), str(folder.parents[2]))


def test_profiles_and_live_state_are_kept_once(folder: Path) -> None:
    assert with_phase(folder)
    profile = folder.parent / "system-connections/bond-mgmt.nmconnection"
    profile.write_text("changed")
    assert not with_phase(folder)
    found = folder / CHANGE
    assert (found / "profiles/bond-mgmt.nmconnection").read_text() == "[connection]\nid=bond-mgmt\n"
    assert json.loads((found / "live.json").read_text()) == {
        "links": [{"ifname": "mgmt-bo"}],
        "routes": [{"ifname": "mgmt-bo"}],
        "vlans": "bridge -j -compressvlans vlan show: bridge: No such file",
    }
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, found, found / "live.json")}
    assert modes == {"kept": 0o700, CHANGE: 0o700, "live.json": 0o600}


def test_phases_are_in_their_order_and_keep_their_first_image(folder: Path) -> None:
    assert with_phase(folder, UPPER)
    assert with_phase(folder, LOWER)
    assert not with_phase(folder, {**UPPER, "before": [2]})
    assert kept(str(folder)) == [Kept(CHANGE, (LOWER, UPPER))]


def test_what_another_change_left_goes(folder: Path) -> None:
    with_phase(folder, UPPER, OTHER)
    (folder / (CHANGE + ".new")).mkdir()
    assert with_phase(folder, LOWER)
    assert kept(str(folder)) == [Kept(CHANGE, (LOWER,))]
    assert [path.name for path in folder.iterdir()] == [CHANGE]


def test_nothing_is_left_behind(folder: Path) -> None:
    assert kept(str(folder)) == []
    with_phase(folder, LOWER)
    assert forget(CHANGE, str(folder))
    assert not folder.exists()
    assert not forget(CHANGE, str(folder))


def test_a_copy_that_cannot_be_read_names_what_is_beside_it(folder: Path) -> None:
    with_phase(folder)
    path = folder / CHANGE / "phases.json"
    path.write_text('[{"id": "hosts"}]')
    with pytest.raises(NetworkError) as caught:
        kept(str(folder))
    assert str(caught.value) == (
        f"{path}: it is no list of phases; put the node back by hand from profiles and live.json beside it"
    )


def test_an_id_that_is_none(folder: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        forget("../system-connections", str(folder))
    assert str(caught.value) == "id=../system-connections: is no id of a change: lower case letters, digits and '-'"
    with pytest.raises(NetworkError, match="cannot be kept in"):
        keep(CHANGE, None, run, str(folder.parent / "system-connections/bond-mgmt.nmconnection/x"))
