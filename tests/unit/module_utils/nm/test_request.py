# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options and disk to changes of keyfiles."""

from __future__ import annotations

from typing import Any

import pytest
from harvester_profiles import FIVE, PORT

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.module_utils.nm import _request
from ansible_collections.harvester.network.plugins.module_utils.nm._host import PERSISTENT, Disk, Stored
from ansible_collections.harvester.network.plugins.module_utils.nm._keyfile import parse


def disk_of(texts: dict[str, str]) -> Disk:
    paths = {name: f"{PERSISTENT}/{name}.nmconnection" for name in texts}
    return Disk({name: Stored(parse(text, name), paths[name], text) for name, text in texts.items()})


DISK = disk_of(FIVE)


def actions(items: list[dict[str, Any]], disk: Disk = DISK) -> dict[str, str]:
    return {change.id: change.action for change in _request.changes(_request.present(items, disk), disk)}


def test_nothing_named_changes_nothing() -> None:
    assert actions([{"id": "bond-mgmt"}]) == {"bond-mgmt": "unchanged"}


def test_same_meaning_is_no_change() -> None:
    no_mtu = disk_of({**FIVE, "bond-mgmt": FIVE["bond-mgmt"].replace("[ethernet]\nmtu=1500\n\n", "")})
    items: list[dict[str, Any]] = [
        {"id": "bond-mgmt", "mtu": 1500, "bridge_port": {"vlans": [2017, "1 pvid untagged"]}},
        {"id": "vlan-mgmt", "mtu": 0, "vlan": {"flags": 1}},
    ]
    assert set(actions(items, no_mtu).values()) == {"unchanged"}


def test_dicts_merge_and_omitted_options_stay() -> None:
    request = _request.present([{"id": "bond-mgmt", "bond": {"updelay": 200}}], DISK)
    (change,) = _request.changes(request, DISK)
    assert change.action == "changed"
    assert change.after is not None and change.before is not None
    assert {name for name in change.after.values if change.after.get(name) != change.before.get(name)} == {
        "bond.updelay"
    }
    assert change.text_after == change.text_before.replace("mode=active-backup\n", "mode=active-backup\nupdelay=200\n")


def test_null_unsets() -> None:
    request = _request.present([{"id": "vlan-mgmt", "ipv4": {"dns": None}}], DISK)
    (change,) = _request.changes(request, DISK)
    assert change.text_after == change.text_before.replace("dns=10.217.0.1;\n", "")


def test_null_for_a_whole_group_is_refused() -> None:
    with pytest.raises(ValidationError) as error:
        _request.present([{"id": "bond-mgmt", "bond": None}], DISK)
    assert str(error.value) == (
        "profile 'bond-mgmt': bond=null: null unsets a single option only; name the option to unset below 'bond'"
    )


def test_a_profile_given_twice_is_refused() -> None:
    with pytest.raises(ValidationError) as error:
        _request.present([{"id": "a", "type": "bond"}, {"id": "a"}], DISK)
    assert str(error.value) == "profile 'a': id=a: the profile is given twice; merge the two entries"


def test_a_new_profile_needs_a_type() -> None:
    with pytest.raises(ValidationError) as error:
        _request.present([{"id": "new"}], DISK)
    assert str(error.value) == "profile 'new': type: a new profile needs a type; give bond, bridge, vlan or ethernet"


def test_ports_are_the_whole_list() -> None:
    assert actions([{"id": "bond-mgmt", "ports": ["eno1", "eno3"]}]) == {
        "bond-mgmt": "unchanged",
        "bond-slave-eno1": "unchanged",
        "bond-slave-eno3": "created",
        "bond-slave-eno2": "removed",
    }


def test_a_port_profile_of_another_bond_is_not_ours_to_remove() -> None:
    other = {"bond-slave-eno9": PORT.format(nic="eno9").replace("mgmt-bo", "other-bo")}
    assert "bond-slave-eno9" not in actions(
        [{"id": "bond-mgmt", "ports": ["eno1", "eno2"]}], disk_of({**FIVE, **other})
    )


def test_a_port_under_another_id_is_named_not_removed() -> None:
    other = {"by-hand": PORT.format(nic="eno3").replace("bond-slave-eno3", "by-hand")}
    with pytest.raises(ValidationError) as error:
        actions([{"id": "bond-mgmt", "ports": ["eno1", "eno2"]}], disk_of({**FIVE, **other}))
    assert "NIC eno3 is a port of mgmt-bo too, by profile 'by-hand'" in str(error.value)
    assert actions([{"id": "bond-mgmt", "ports": ["eno1", "eno2", "eno3"]}], disk_of({**FIVE, **other}))["by-hand"] == (
        "unchanged"
    )


def test_absent_removes_only_what_is_named_and_there() -> None:
    request = _request.absent([{"id": "vlan-mgmt"}, {"id": "ghost"}], DISK)
    assert [(c.id, c.action) for c in _request.changes(request, DISK)] == [("vlan-mgmt", "removed")]


def test_one_call_brings_some_and_removes_others() -> None:
    items = [
        {"id": "bridge-mgmt", "mtu": 9000},
        {"id": "vlan-mgmt", "state": "absent"},
        {"id": "ghost", "state": "absent"},
    ]
    assert actions(items) == {"bridge-mgmt": "changed", "vlan-mgmt": "removed"}


def test_a_profile_that_is_wanted_and_removed_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"^profile 'vlan-mgmt': id=vlan-mgmt: the profile is given twice;"):
        actions([{"id": "vlan-mgmt", "state": "absent"}, {"id": "vlan-mgmt", "mtu": 9000}])


def test_diff_of_a_create_shows_the_whole_file() -> None:
    items = [{"id": "n", "type": "vlan", "vlan": {"id": 5, "parent": "mgmt-br"}, "ipv4": {"method": "disabled"}}]
    (change,) = _request.changes(_request.present(items, DISK), DISK)
    assert change.diff() == {
        "before_header": f"{PERSISTENT}/n.nmconnection",
        "after_header": f"{PERSISTENT}/n.nmconnection",
        "before": "",
        "after": "[connection]\nid=n\ntype=vlan\n\n[vlan]\nid=5\nparent=mgmt-br\n\n[ipv4]\nmethod=disabled\n",
    }


def test_a_value_without_meaning_names_profile_and_option() -> None:
    with pytest.raises(ValidationError) as error:
        _request.present([{"id": "bond-mgmt", "bridge_port": {"vlans": ["1 pvid untagged", 4095]}}], DISK)
    assert str(error.value) == (
        "profile 'bond-mgmt': bridge_port.vlans=1 pvid untagged, 4095: VLAN id 4095 is out of range 1..4094"
    )


def test_a_foreign_vlan_device_is_left_alone_and_a_foreign_bond_is_refused() -> None:
    vlan = {"id": "mgmt-br.2030", "type": "vlan", "vlan": {"id": 2030, "parent": "mgmt-br"}}
    found = _request.changes(_request.present([vlan, {"id": "vlan-mgmt", "mtu": 1400}], DISK), DISK)
    links = dict.fromkeys(["mgmt-br.2030", "mgmt-br.2017", "cn1-bo"])
    assert _request.foreign(found, DISK, links) == {"mgmt-br.2030": "mgmt-br.2030"}
    bond = {"id": "cn1", "type": "bond", "interface_name": "cn1-bo"}
    with pytest.raises(ValidationError) as error:
        _request.foreign(_request.changes(_request.present([bond], DISK), DISK), DISK, links)
    assert str(error.value) == (
        "profile 'cn1': interface_name=cn1-bo: the device exists and no profile has it; Harvester's agent or somebody"
        " else made it; give another name, or have its owner remove it first"
    )
