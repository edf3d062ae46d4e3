# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a change of the active port the MAC addresses of VMs are announced, each in its VLAN."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pytest

from ansible_collections.harvester.network.plugins.module_utils.probe._announce import Announcer, Guest, frame, learned

VM = {"mac": "52:54:00:00:00:01", "ifname": "vethvm1", "vlan": 100, "flags": [], "master": "mgmt-br", "state": ""}
FDB = [
    VM,
    VM | {"flags": ["extern_learn"]},
    {"mac": "52:54:00:00:00:02", "ifname": "vethvm2", "state": ""},
    {"mac": "52:54:00:00:00:03", "ifname": "mgmt-bo", "vlan": 2017, "state": ""},
    {"mac": "fe:54:00:00:00:01", "ifname": "vethvm1", "vlan": 100, "state": "permanent"},
    {"ifname": "vethvm3", "dst": "192.0.2.1"},
]
GUESTS = [Guest("52:54:00:00:00:01", 100), Guest("52:54:00:00:00:02", 1)]


def test_what_the_bridge_learned_on_other_ports_than_the_bond() -> None:
    assert learned(json.dumps(FDB), "mgmt-bo") == GUESTS
    assert learned("", "mgmt-bo") == []


def test_the_frame_is_a_broadcast_from_the_vm_in_its_vlan() -> None:
    tagged, plain = map(frame, GUESTS)
    assert tagged[:18].hex() == "ffffffffffff525400000001" + "81000064" + "8035"
    assert plain[:14].hex() == "ffffffffffff525400000002" + "8035"
    assert tagged[18:46].hex() == "0001080006040003" + "525400000001" + "00000000" + "525400000001" + "00000000"
    assert (len(tagged), len(plain)) == (60, 60)


class Link:
    def __init__(self, device: str, fails: bool = False) -> None:
        self.device, self.fails, self.sent = device, fails, list[bytes]()

    def __enter__(self) -> Link:
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        return None

    def send(self, data: bytes) -> None:
        if self.fails:
            raise OSError(100, "Network is down")
        self.sent.append(data)


@pytest.mark.parametrize(
    ("bridge", "status", "text", "fails", "count"),
    [
        (True, 0, json.dumps(FDB), False, 2),
        (True, 0, "[]", False, 0),
        (True, 0, "no json", False, 0),
        (True, 1, json.dumps(FDB), False, 0),
        (True, 0, json.dumps(FDB), True, 0),
        (False, 0, json.dumps(FDB), False, 0),
    ],
)
def test_a_failure_only_costs_time(
    tmp_path: Path, bridge: bool, status: int, text: str, fails: bool, count: int
) -> None:
    net = tmp_path / "sys/class/net"
    (net / "mgmt-bo").mkdir(parents=True)
    if bridge:
        (net / "mgmt-br/bridge").mkdir(parents=True)
        (net / "mgmt-bo/master").symlink_to(net / "mgmt-br")
    links: list[Link] = []

    def run(argv: Sequence[str], _data: str) -> tuple[int, str, str]:
        assert list(argv) == ["bridge", "-j", "fdb", "show", "br", "mgmt-br"]
        return status, text, ""

    def opened(device: str) -> Link:
        links.append(Link(device, fails))
        return links[-1]

    assert Announcer(run, str(tmp_path), opened)("mgmt-bo") == count
    assert [link.device for link in links] == ["mgmt-bo"] * bool(links)
    assert sum(len(link.sent) for link in links) == count
