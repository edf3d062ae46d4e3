# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs: 0 or nothing is 1500, texts count as numbers."""

from __future__ import annotations

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common import _mtu
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


@pytest.mark.parametrize(
    ("mtu", "expected"),
    [(None, 1500), (0, 1500), ("0", 1500), ("", 1500), (1500, 1500), ("9000", 9000), (" 9000 ", 9000), (68, 68)],
)
def test_effective(mtu, expected):
    assert _mtu.effective(mtu) == expected


@pytest.mark.parametrize("mtu", ["9k", "1500.0", 1500.0, True, "jumbo", "0x5dc", "1_500"])
def test_what_is_no_number(mtu):
    with pytest.raises(_mtu.MtuError, match="is not a whole number of bytes"):
        _mtu.effective(mtu)
    assert _mtu.objection(mtu) == "it is not a whole number of bytes"


@pytest.mark.parametrize(
    ("one", "other", "same"), [(0, None, True), (0, "1500", True), ("9000", 9000, True), (9000, 1500, False)]
)
def test_equal(one, other, same):
    assert _mtu.equal(one, other) is same


@pytest.mark.parametrize("mtu", [0, None, "", 576, 1500, "9000", 9000])
def test_within_the_bounds(mtu):
    assert _mtu.objection(mtu) is None
    assert _mtu.check(mtu) == _mtu.effective(mtu)


@pytest.mark.parametrize("mtu", [1, 575, 9001, "9001", -1, 65535])
def test_out_of_bounds(mtu):
    with pytest.raises(NetworkError) as caught:
        _mtu.check(mtu)
    assert str(caught.value) == "MTU %s: the MTU must be 0 (meaning 1500) or within 576..9000 bytes" % mtu
    assert isinstance(caught.value, ValueError)


def test_other_bounds():
    assert _mtu.check(9216, maximum=9216) == 9216
    assert _mtu.objection(1280, minimum=1400) == "the MTU must be 0 (meaning 1500) or within 1400..9000 bytes"
