# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest: what is written is read back, and nothing else is."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import pytest
from confirm_node import NEW, PROFILES, Node

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm._host import Disk
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _record
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm._manifest import File, Manifest, fits

WHOLE = Manifest(
    "one",
    "rancher from 192.0.2.9",
    1767225600,
    300,
    "now",
    "0b7f1c2e-0000-4000-8000-000000000001",
    (File("Wired connection 1.nmconnection", 0, 0, 0, "600", "system_u:object_r:etc_t:s0", "a" * 64),),
    (NEW,),
    (("up", "mgmt-bo mgmt-br bond-mgmt"), ("raise", "mgmt-bo 1500")),
)


def test_what_is_written_is_read_back() -> None:
    assert Manifest.from_text(WHOLE.to_text()) == WHOLE
    bare = Manifest("a", "b", 1, 30)
    assert Manifest.from_text(bare.to_text()) == bare
    # A form feed and U+2028 are line ends to Python, not to the program.
    strange = replace(WHOLE, absent=("a\x0cb\u2028c.nmconnection",))
    assert Manifest.from_text(strange.to_text()) == strange


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format 1", "format 2", "format 2 of a checkpoint, known is 1"),
        ("id one\n", "", "a checkpoint has one line 'id', this one has 0"),
        ("id one\n", "id one\nid two\n", "a checkpoint has one line 'id', this one has 2"),
        ("up mgmt-bo", "up ../x", "no line of a checkpoint: up ../x mgmt-br bond-mgmt"),
        ("raise mgmt-bo 1500", "run rm -rf", "no line of a checkpoint: run rm -rf"),
        ("absent mgmt", "absent .mgmt", f"no line of a checkpoint: absent .{NEW}"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError) as error:
        Manifest.from_text(WHOLE.to_text().replace(old, new))
    assert str(error.value) == message


def test_a_name_that_no_line_can_hold_is_refused_when_it_is_written() -> None:
    with pytest.raises(NetworkError) as error:
        replace(WHOLE, absent=("a\nb",)).to_text()
    assert str(error.value) == "a checkpoint cannot hold absent 'a\nb'; rename it"


@pytest.mark.parametrize(
    ("kind", "words", "fit"),
    [
        ("vlan", "mgmt-bo master 1 pvid untagged", True),
        ("vlan", "mgmt-br self 2-4094", True),
        ("vlan", "mgmt-br self 2-4094; reboot", False),
        ("route", "-4 route add 198.51.100.0/24 via 192.0.2.1 dev mgmt-br.2017 proto static", True),
        ("route", "-4 route add default; reboot", False),
        ("route", "-4 link delete eno1", False),
        ("bond", "mgmt-bo mode active-backup 1", True),
        ("bond", "mgmt-bo ../mtu 9", False),
        ("address", "mgmt-br.2017 192.0.2.11/24", True),
        ("address", "mgmt-br.2017 $(reboot)", False),
        ("boot", "-", True),
        ("unknown", "", False),
    ],
)
def test_grammar(kind: str, words: str, fit: bool) -> None:
    assert fits(kind, words) is fit


def test_what_is_recorded_of_a_kernel(tmp_path: pathlib.Path) -> None:
    node = Node(tmp_path)
    from ansible_collections.harvester.network.plugins.module_utils.nm._host import read_disk

    lines = _record.kernel(
        read_disk(str(node.root)), node.snapshot(), ["mgmt-br.2018", "mgmt-bo"], {"mgmt-bo": [2017, 2018]}
    )
    assert lines == [
        ("up", "mgmt-br - bridge-mgmt"),
        ("up", "mgmt-bo mgmt-br bond-mgmt"),
        ("up", "mgmt-br.2017 - vlan-mgmt"),
        ("gone", "mgmt-br.2018"),
        # The VIP beside it is not NetworkManager's: minutes later another node may have it.
        ("addressed", "mgmt-br.2017 vlan-mgmt.nmconnection"),
        ("address", "mgmt-br.2017 192.0.2.11/24"),
        ("bond", "mgmt-bo mode active-backup 1"),
        ("bond", "mgmt-bo miimon 100"),
        ("mac", "mgmt-bo 52:54:00:00:00:01"),
        ("lower", "mgmt-br.2017 1500"),
        ("lower", "mgmt-br 1500"),
        ("lower", "mgmt-bo 1500"),
        ("raise", "mgmt-bo 1500"),
        ("raise", "mgmt-br 1500"),
        ("raise", "mgmt-br.2017 1500"),
        ("vlan", "mgmt-bo master 2017"),
        ("vlan", "mgmt-bo master 1 pvid untagged"),
        ("vlan", "mgmt-br self 2017"),
        ("vlan", "mgmt-br self 1 pvid untagged"),
        ("port", "veth1 mgmt-br 1"),
        ("vlan", "veth1 master 100 pvid untagged"),
        ("novlan", "mgmt-bo master 2018"),
        ("over", "flannel.1 mgmt-br.2017 1450"),
        ("route", "-4 route add 198.51.100.0/24 via 192.0.2.1 dev mgmt-br.2017 proto static"),
    ]
    assert all(fits(kind, words) for kind, words in lines)


def test_a_node_without_profiles_has_nothing_to_record(tmp_path: pathlib.Path) -> None:
    assert _record.kernel(Disk(), Node(tmp_path).snapshot()) == []


def test_files_are_recorded_with_mode_owner_and_sum(tmp_path: pathlib.Path) -> None:
    node = Node(tmp_path)
    folder = "/etc/NetworkManager/system-connections/"
    found, copies, absent = _record.files([folder + name for name in (*PROFILES, NEW)], str(node.root))
    assert [item.name for item in found] == sorted(PROFILES)
    assert {item.mode for item in found} == {"600"}
    assert [copy.decode() for copy in copies] == [PROFILES[name] for name in sorted(PROFILES)]
    assert absent == (NEW,)
