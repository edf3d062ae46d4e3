# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of VLAN ids: what is read, how it is written, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._vlans import (
    VlanEntry,
    VlanError,
    VlanList,
    compress,
)

NM_TEXT = "1 pvid untagged, 2017,2100-2110"


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ([], []),
        ("", []),
        (2017, ["2017"]),
        ([2017], ["2017"]),
        (["2017"], ["2017"]),
        ("2017", ["2017"]),
        (NM_TEXT, ["1 pvid untagged", "2017", "2100-2110"]),
        ([2017, "2100-2110", "1 pvid untagged"], ["1 pvid untagged", "2017", "2100-2110"]),
        (["2017, 2018"], ["2017-2018"]),
        ("1 untagged pvid", ["1 pvid untagged"]),
        ("  1   pvid\tuntagged ,, 2017, ", ["1 pvid untagged", "2017"]),
        ("2018,2017", ["2017-2018"]),
        ("2,3,4-6,8", ["2-6", "8"]),
        # Neighbours join only with their like.
        ("1 pvid untagged,2,3", ["1 pvid untagged", "2-3"]),
        ("2 untagged,3 untagged,4", ["2-3 untagged", "4"]),
        ("10 pvid", ["10 pvid"]),
        ("02017", ["2017"]),
        ("2017-2017", ["2017"]),
        ("2-4094", ["2-4094"]),
        ((VlanEntry(5, 7), "8"), ["5-8"]),
    ],
)
def test_parse(value, texts):
    found = VlanList.parse(value)
    assert found.texts() == texts
    assert found.keyfile() == ",".join(texts) == str(found)
    assert VlanList.parse(found.keyfile()) == found
    assert bool(found) is bool(texts)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "VLAN id 0 is out of range 1..4094"),
        ("4095", "VLAN id 4095 is out of range 1..4094"),
        (-3, "VLAN id -3 is out of range 1..4094"),
        ("-3", "VLAN id -3 is out of range 1..4094"),
        ("4000-4095", "VLAN id 4095 is out of range 1..4094"),
        ("0-5", "VLAN id 0 is out of range 1..4094"),
        ("99999999999", "VLAN id 99999999999 is out of range 1..4094"),
        ("2110-2100", "VLAN range 2110-2100 is reversed; write 2100-2110"),
        ([2017, 2018, "2018"], "VLAN id 2018 is given twice"),
        ("2017,2010-2020", "VLAN id 2017 is given twice"),
        ("2010-2020,2015-2030", "VLAN ids 2015-2020 are given twice"),
        ("1 pvid untagged,1", "VLAN id 1 is given twice"),
        ("1 pvid untagged,1 pvid untagged", "VLAN id 1 is given twice"),
        ("1 pvid,2 pvid", "more than one PVID: VLAN ids 1, 2; a port puts untagged frames into one VLAN only"),
        ("5-9 pvid", "VLAN range 5-9 cannot be the PVID; only one id can"),
        ("2017 taged", "VLAN entry '2017 taged': unknown word 'taged'; known are 'pvid' and 'untagged'"),
        ("1 PVID", "VLAN entry '1 PVID': unknown word 'PVID'; known are 'pvid' and 'untagged'"),
        ("1 pvid pvid", "VLAN entry '1 pvid pvid': the word 'pvid' is given twice"),
        (
            "1;2",
            "VLAN entry '1;2': '1;2' is neither an id nor a range; write 2017 or '2100-2110' without spaces",
        ),
        ("2100 - 2110", "VLAN entry '2100 - 2110': unknown word '-'; known are 'pvid' and 'untagged'"),
        (
            "2100-",
            "VLAN entry '2100-': '2100-' is neither an id nor a range; write 2017 or '2100-2110' without spaces",
        ),
        ("pvid", "VLAN entry 'pvid': 'pvid' is neither an id nor a range; write 2017 or '2100-2110' without spaces"),
        ("0x7e1", "VLAN entry '0x7e1': '0x7e1' is neither an id nor a range; write 2017 or '2100-2110' without spaces"),
        ("٢٠", "VLAN entry '٢٠': '٢٠' is neither an id nor a range; write 2017 or '2100-2110' without spaces"),
        (
            [True],
            "VLAN entry True is neither an id nor a text; write 2017, '2100-2110' or '1 pvid untagged'",
        ),
        (
            [2017.0],
            "VLAN entry 2017.0 is neither an id nor a text; write 2017, '2100-2110' or '1 pvid untagged'",
        ),
        (
            [None],
            "VLAN entry None is neither an id nor a text; write 2017, '2100-2110' or '1 pvid untagged'",
        ),
    ],
)
def test_refused(value, message):
    with pytest.raises(VlanError) as caught:
        VlanList.parse(value)
    assert str(caught.value) == message
    assert isinstance(caught.value, NetworkError)
    assert isinstance(caught.value, ValueError)


def test_a_list_made_by_hand_is_checked_and_sorted_too():
    assert VlanList((VlanEntry(3, 3), VlanEntry(2, 2))).texts() == ["2-3"]
    with pytest.raises(VlanError):
        VlanList((VlanEntry(5, 4),))


def test_views():
    found = VlanList.parse("1 pvid untagged,5 untagged,2017,2100-2102")
    assert found.ids() == {1, 5, 2017, 2100, 2101, 2102}
    assert found.tagged() == {2017, 2100, 2101, 2102}
    assert found.untagged() == {1, 5}
    assert found.pvid == 1
    assert VlanList.parse("2017").pvid is None
    assert VlanList().ids() == frozenset()


def test_equal_by_meaning():
    one, other = VlanList.parse("2,3,4,1 untagged pvid"), VlanList.parse(["1 pvid untagged", "2-4"])
    assert one == other
    assert hash(one) == hash(other)
    assert one != VlanList.parse("1 pvid,2-4")
    assert one != VlanList.parse("2-4")


def test_with_and_without():
    found = VlanList.parse("1 pvid untagged,2017")
    assert found.with_ids([2018, 1]).texts() == ["1 pvid untagged", "2017-2018"]
    assert found.with_ids([2018]).without_ids([2017, 99]).texts() == ["1 pvid untagged", "2018"]
    assert VlanList.parse("10-20").without_ids([15]).texts() == ["10-14", "16-20"]
    assert found.texts() == ["1 pvid untagged", "2017"]
    with pytest.raises(VlanError, match="VLAN id 4095 is out of range"):
        found.with_ids([4095])


@pytest.mark.parametrize(
    ("ids", "texts"), [([], []), ([1, 3, 4, 5], ["1", "3-5"]), ([5, 4, 5], ["4-5"]), (range(2, 4095), ["2-4094"])]
)
def test_compress(ids, texts):
    assert compress(ids) == texts


@given(st.sets(st.integers(2, 4094), max_size=60), st.booleans())
def test_any_set_of_ids_survives_text(ids, pvid):
    texts = compress(ids) + (["1 pvid untagged"] if pvid else [])
    found = VlanList.parse(texts)
    assert found.tagged() == ids
    assert found.pvid == (1 if pvid else None)
    assert VlanList.parse(found.keyfile()) == found == VlanList.parse(found.texts())
    assert VlanList().with_ids(ids) == VlanList.parse(sorted(ids))
    assert not found.without_ids(found.ids())
