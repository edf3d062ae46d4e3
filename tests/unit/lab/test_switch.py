# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch's state as nftables rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.host import LabError
from lab.switch import PortState, SwitchState, check_mtu, check_vlans, device
from lab.tagger import tagged, untagged


def rules(port: PortState) -> list[str]:
    return port.rules("n1u1")


def test_a_port_without_restrictions_has_no_rules() -> None:
    assert rules(PortState()) == []


@pytest.mark.parametrize(
    ("port", "match"),
    [
        (PortState(mtu=1500), "meta length > 1500 "),
        (PortState(vlans=[1, 2017]), "ether type 8021q vlan id != { 1, 2017 } "),
        (PortState(vlans=[]), "ether type 8021q "),
        (PortState(strict=True), "ether type != 8021q "),
        (PortState(silent=True), ""),
    ],
)
def test_each_restriction_drops_in_both_directions(port: PortState, match: str) -> None:
    assert rules(port) == [f'iifname "n1u1" {match}counter drop', f'oifname "n1u1" {match}counter drop']


def test_ruleset_replaces_the_table_and_sorts_rules_to_their_hooks() -> None:
    text = SwitchState(ports={"node2/u1": PortState(mtu=1500), "router": PortState(silent=True)}).ruleset()
    assert text.splitlines() == [
        "table bridge lab",
        "delete table bridge lab",
        "table bridge lab {",
        "  chain prerouting {",
        "    type filter hook prerouting priority 0; policy accept;",
        '    iifname "n2u1" meta length > 1500 counter drop',
        '    iifname "rtrunk" counter drop',
        "  }",
        "  chain postrouting {",
        "    type filter hook postrouting priority 0; policy accept;",
        '    oifname "n2u1" meta length > 1500 counter drop',
        '    oifname "rtrunk" counter drop',
        "  }",
        "}",
    ]


def test_state_survives_its_file(tmp_path: Path) -> None:
    state = SwitchState(ports={"node1/u2": PortState(mtu=1500, vlans=[5], strict=True)}, router_mtu=1400)
    state.save(tmp_path / "switch.json")
    assert SwitchState.load(tmp_path / "switch.json") == state


def test_ports_have_devices() -> None:
    assert [device(name) for name in ("node1/u1", "node3/u4", "node2/oob", "router")] == [
        "n1u1",
        "n3u4",
        "n2oob",
        "rtrunk",
    ]


@pytest.mark.parametrize("name", ["node9/u1", "node1/u5", "node1", "u1", ""])
def test_an_unknown_port_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(LabError, match=r"is no port of the switch: ports are node1, node2, node3 with /u1 to /u4"):
        device(name)


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(LabError, match=r"MTU 9001: .* 68 to 9000 bytes"):
        check_mtu(9001)
    with pytest.raises(LabError, match=r"VLAN id 4095 is outside 1 to 4094"):
        check_vlans([1, 4095])
    assert check_vlans([7, 3, 7]) == [3, 7]


MACS = bytes(range(12))
IP = b"\x08\x00payload"


def test_tag_is_put_on_and_taken_off() -> None:
    frame = MACS + IP
    assert tagged(frame, 2017) == MACS + b"\x81\x00\x07\xe1" + IP
    assert untagged(tagged(frame, 2017), 2017) == frame
    assert untagged(MACS + b"\x81\x00\x67\xe1" + IP, 2017) == frame  # with a priority


def test_frames_of_other_vlans_do_not_reach_the_router() -> None:
    assert untagged(MACS + IP, 2017) is None
    assert untagged(tagged(MACS + IP, 2018), 2017) is None
    assert untagged(tagged(MACS + IP, 2018), 0) is None
    assert untagged(MACS + IP, 0) == MACS + IP == tagged(MACS + IP, 0)
