# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of devices, and words that were probably meant."""

from __future__ import annotations

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._names import (
    near,
    objection,
    suggest,
    vlan_device,
)

MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")


@pytest.mark.parametrize("name", ["a", "eno1", "mgmt-br.2017", "enp65s0f0np0", "x" * 15, "ens1_np-0.1", "a..b", "@!#"])
def test_legal(name):
    assert objection(name) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "a device name must not be empty"),
        (".", "'.' is no device name"),
        ("..", "'..' is no device name"),
        ("all", "'all' is no device name"),
        ("bonding_masters", "'bonding_masters' is no device name"),
        ("x" * 16, "a device name has at most 15 characters, this one has 16"),
        ("eth0:1", "a device name must not hold ':'"),
        ("net/eth0", "a device name must not hold '/'"),
        ("eth%d", "a device name must not hold '%'"),
        ("eth 0", "a device name must not hold white space"),
        ("eth0\n", "a device name must not hold white space"),
        ("eth\u00a00", "a device name must not hold white space"),
        ("größe", "a device name must be printable ASCII, not 'ö'"),
        ("eth\x07", "a device name must be printable ASCII, not '\\x07'"),
    ],
)
def test_illegal(name, message):
    assert objection(name) == message


def test_vlan_device():
    assert vlan_device("mgmt-br", 2017) == "mgmt-br.2017"
    assert vlan_device("enp65s0f0", 4094) == "enp65s0f0.4094"
    with pytest.raises(ValueError, match=r"^VLAN device 'enp65s0f0np0.2017': .* at most 15 characters, .* has 17$"):
        vlan_device("enp65s0f0np0", 2017)


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("miimonn", ["miimon", "mode", "updelay"], "did you mean 'miimon'?"),
        ("active-backp", MODES, "did you mean 'active-backup'?"),
        ("Active_Backup", MODES, "did you mean 'active-backup'?"),
        ("lacp-rate", ["lacp_rate", "ad_select"], "did you mean 'lacp_rate'?"),
        ("secondary_vlan", ["secondary_vlan_devices", "secondary_vlans"], "did you mean 'secondary_vlans'?"),
        ("zzz", MODES, ""),
        ("", MODES, ""),
        ("miimon", [], ""),
    ],
)
def test_suggest(word, known, text):
    assert suggest(word, known) == text


def test_near_names_of_a_renamed_nic():
    assert near("ens1", ["ens1np0", "ens2np1", "lo", "mgmt-br"])[0] == "ens1np0"
