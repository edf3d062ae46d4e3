# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs of a bond on a simulated node: which is proved, which is not, and what is put back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import pytest
from path_net import Net, Rule, Sent

from ansible_collections.harvester.network.plugins.module_utils.common import _pause
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError, ValidationError
from ansible_collections.harvester.network.plugins.module_utils.probe import _legs
from ansible_collections.harvester.network.plugins.module_utils.probe._bond import Bond, Port
from ansible_collections.harvester.network.plugins.module_utils.probe._path_mtu import Host, Outcome, carry_out
from ansible_collections.harvester.network.plugins.module_utils.probe._wire import Arrival, Line, LineError

PEERS = ("10.217.0.12", "10.217.0.13")
TABLE = '[{"dst":"default","gateway":"10.217.0.1","dev":"mgmt-br.2017","flags":[]}]\n'


@dataclass
class Files:
    """Stands in for the files of a bond. refuses: ports that the driver does not take; sluggish: that it forgets."""

    bond: Bond
    folder: File
    refuses: Sequence[str] = ()
    sluggish: Sequence[str] = ()
    written: list[str] = field(default_factory=list)
    reads: Callable[[int], Bond] | None = None
    looks: int = 0

    def read(self, name: str) -> Bond | None:
        if name != self.bond.name:
            return None
        self.looks += 1
        if self.reads:
            self.bond = self.reads(self.looks)
        return self.bond

    def active(self, _name: str) -> str:
        return self.bond.active

    def active_file(self, _name: str) -> str:
        return str(self.folder / "active_slave")

    def activate(self, name: str, port: str) -> None:
        self.written.append(port)
        if port in self.refuses:
            raise NetworkError("bond %s: cannot make %s the active port (Invalid argument)" % (name, port))
        if port not in self.sluggish:
            self.bond = self.bond._replace(active=port)


def carried(port: Callable[[Sent], str], mtus: dict[str, int], device: int = 9000) -> Rule:
    """Packets leave by a port, and each port has its switch: an MTU, 0 for a switch that loses everything."""

    def rule(sent: Sent) -> Iterator[tuple[float, Arrival]] | int:
        return 90 if sent.size > device else deliver(sent)  # EMSGSIZE

    def deliver(sent: Sent) -> Iterator[tuple[float, Arrival]]:
        name = port(sent)
        if name:
            yield sent.seen(name)
        if sent.size <= mtus.get(name, 0):
            yield sent.reply(0.001)

    return rule


@dataclass
class Node:
    """A node with a bond."""

    net: Net
    files: Files

    def prove(self, check: bool = False, **options: Any) -> Outcome:
        params: dict[str, Any] = {
            "paths": [{"peer": peer, "mtu": 9000, "larger": "refuse"} for peer in self.net.rules],
            "count": 3,
            "timeout": 1.0,
            "in_use": [],
            "fail_unproved": True,
            "legs": True,
            "bond": "mgmt-bo",
            "legs_up": None,
            "legs_timeout": 90,
            **options,
        }
        return carry_out(Host(self.ip, self.net, self.files, self.net.sleep, str(self.files.folder)), params, check)

    def ip(self, _argv: Sequence[str], data: str) -> tuple[int, str, str]:
        peers = [line.split()[2] for line in data.splitlines() if line.startswith("route get")]
        one = '[{"dst":"%s","dev":"mgmt-br.2017","prefsrc":"10.217.0.11","flags":[]}]\n'
        return 0, "".join(one % peer for peer in peers) + TABLE, ""


TWO = (Port("eno1"), Port("eno2"))


def backup(folder: File, mtus: dict[str, int], ports: Sequence[Port] = TWO, **more: Any) -> Node:
    files = Files(Bond("mgmt-bo", "active-backup", ports, "eno1"), folder, **more)
    rule = carried(lambda _sent: files.bond.active, mtus)
    return Node(Net(dict.fromkeys(PEERS, rule), mtus={"mgmt-br.2017": 9000}), files)


def statuses(outcome: Outcome) -> list[tuple[str, str]]:
    return [(leg.port, leg.status) for leg in outcome.legs]


def test_active_backup_every_port_in_turn_and_back(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000})
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "proved")]
    assert [leg.was_active for leg in outcome.legs] == [True, False]
    assert (outcome.changed, outcome.proved) == (True, True)
    assert node.files.written == ["eno2", "eno1"]
    assert node.net.tapped == ["eno1", "eno2"]
    assert node.net.closed
    assert outcome.legs[1].to_dict()["why"] == "through eno2: 2 path(s) proved"
    assert outcome.legs[1].largest == 9000


def test_the_passive_leg_at_1500_is_found_and_named(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 1500})
    outcome = node.prove()
    assert [result.status for result in outcome.paths] == ["proved", "proved"]
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "mtu_too_small")]
    assert (outcome.legs[1].largest, outcome.proved) == (1500, False)
    assert outcome.failures() == (
        "leg eno2: through eno2: packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1500 bytes;"
        " what drops larger ones does not report it, as a switch or a bridge with a smaller MTU (and 1 more)"
    )
    assert node.files.bond.active == "eno1"


def test_the_active_leg_at_1500(tmp_path: File) -> None:
    outcome = backup(tmp_path, {"eno1": 1500, "eno2": 9000}).prove()
    assert statuses(outcome) == [("eno1", "mtu_too_small"), ("eno2", "proved")]
    assert [result.largest for result in outcome.paths] == [1500, 1500]


def test_a_leg_into_nowhere(tmp_path: File) -> None:
    outcome = backup(tmp_path, {"eno1": 9000, "eno2": 0}).prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "no_path")]
    assert outcome.legs[1].largest is None


def test_a_port_that_is_down_is_told_and_not_tried(tmp_path: File) -> None:
    ports = (Port("eno1"), Port("eno2", carrier=False))
    node = backup(tmp_path, {"eno1": 9000}, ports)
    outcome = node.prove(legs_up=1)
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "down")]
    assert outcome.legs[1].why == "eno2 is down (no carrier)"
    assert (outcome.changed, outcome.proved, node.files.written) == (False, False, [])


def test_a_bond_with_one_port_is_not_switched(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000}, TWO[:1])
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved")]
    assert (outcome.changed, node.files.written) == (False, [])


def test_paths_that_do_not_use_the_bond_prove_no_leg(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000})
    node.net.rules[PEERS[1]] = lambda sent: iter([sent.reply(0.001)]) if sent.size < 9001 else 90
    outcome = node.prove()
    assert [result.status for result in outcome.paths] == ["proved", "proved"]
    assert statuses(outcome) == [("eno1", "not_proved"), ("eno2", "not_proved")]
    assert outcome.legs[0].why == "through eno1: no packet to 10.217.0.13 was sent this way"


def test_a_port_that_the_driver_does_not_take(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000}, sluggish=["eno2"])
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "not_proved")]
    assert outcome.legs[1].why == "the bonding driver did not make eno2 the active port of mgmt-bo"


def test_a_port_that_the_driver_refuses(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000}, refuses=["eno2"])
    outcome = node.prove()
    assert outcome.legs[1].why == "bond mgmt-bo: cannot make eno2 the active port (Invalid argument)"
    assert (outcome.changed, node.files.bond.active) == (False, "eno1")


def test_a_bond_that_goes_back_while_it_is_probed(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000})

    def rule(sent: Sent) -> Iterator[tuple[float, Arrival]] | int:
        if node.files.bond.active == "eno2" and sent.size == 9000:
            node.files.bond = node.files.bond._replace(active="eno1")
        return carried(lambda _sent: node.files.bond.active, {"eno1": 9000, "eno2": 9000})(sent)

    node.net.rules = dict.fromkeys(PEERS, rule)
    outcome = node.prove()
    assert outcome.legs[1].why == "eno2 did not stay the active port while it was probed; eno1 is now"
    assert outcome.legs[1].status == "not_proved"


def test_a_bond_that_cannot_be_put_back_is_a_failure(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000}, refuses=["eno1"])
    with pytest.raises(NetworkError) as caught:
        node.prove()
    assert str(caught.value) == (
        "bond mgmt-bo: cannot make eno1 the active port (Invalid argument); it was the active port and eno2 is now; see"
        " 'cat /proc/net/bonding/mgmt-bo' on the node"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_puts_the_bond_back(tmp_path: File, number: signal.Signals) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000})

    def rule(sent: Sent) -> Iterator[tuple[float, Arrival]]:
        if node.files.bond.active == "eno2":
            signal.raise_signal(number)
        yield sent.seen(node.files.bond.active)
        if sent.size <= 9000:
            yield sent.reply(0.001)

    node.net.rules = dict.fromkeys(PEERS, rule)
    with pytest.raises(NetworkError, match="interrupted by %s" % number.name):
        node.prove()
    assert node.files.bond.active == "eno1"
    assert node.net.closed


def test_check_mode_leaves_the_bond_alone_and_says_so(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000})
    outcome = node.prove(check=True)
    assert (outcome.legs, outcome.changed, outcome.proved, node.files.written) == ((), False, True, [])
    assert outcome.warnings == [
        "the legs of mgmt-bo are not proved in check mode, since that can switch its active port"
    ]
    assert len(outcome.paths) == 2


def hashed(folder: File, mode: str, port: Callable[[Sent], str], mtus: dict[str, int], **more: Any) -> Node:
    ports = more.pop("ports", TWO)
    files = Files(Bond("mgmt-bo", mode, ports, policy=more.pop("policy", "")), folder, **more)
    return Node(Net(dict.fromkeys(PEERS, carried(port, mtus)), mtus={"mgmt-br.2017": 9000}), files)


def by_ident(sent: Sent) -> str:
    return "eno1" if sent.ident % 2 else "eno2"


def by_peer(sent: Sent) -> str:
    return "eno1" if sent.peer == PEERS[0] else "eno2"


def in_turn(sent: Sent) -> str:
    return "eno1" if (sent.ident + sent.seq + sent.size) % 2 else "eno2"


@pytest.mark.parametrize("mode", ["balance-xor", "802.3ad", "balance-tlb", "balance-alb"])
def test_modes_that_spread_are_proved_by_many_flows(tmp_path: File, mode: str) -> None:
    node = hashed(tmp_path, mode, by_ident, {"eno1": 9000, "eno2": 9000})
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "proved")]
    assert (outcome.changed, outcome.proved) == (False, True)
    assert len({item.ident for item in node.net.sent}) == 2 + 64


def test_in_spreading_modes_the_leg_at_1500_is_found_and_searched(tmp_path: File) -> None:
    node = hashed(tmp_path, "802.3ad", by_ident, {"eno1": 9000, "eno2": 1500})
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "mtu_too_small")]
    assert outcome.legs[1].largest == 1500
    assert "the largest that does is 1500 bytes" in outcome.legs[1].why
    # One flow per leg and path is searched, not all of them.
    assert len({item.ident for item in node.net.sent if item.size == 1500}) <= 2 + 2


def test_packets_in_turn(tmp_path: File) -> None:
    node = hashed(tmp_path, "balance-rr", in_turn, {"eno1": 9000, "eno2": 1500})
    outcome = node.prove()
    assert statuses(outcome)[0] == ("eno1", "proved")
    assert statuses(outcome)[1] == ("eno2", "mtu_too_small")


def test_a_policy_by_addresses_hits_each_leg_with_some_peers(tmp_path: File) -> None:
    outcome = hashed(tmp_path, "balance-xor", by_peer, {"eno1": 9000, "eno2": 9000}).prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "proved")]
    assert outcome.legs[0].why == "through eno1: 1 path(s) proved"
    assert [result.status for result in outcome.legs[0].paths] == ["proved", "not_proved"]


def test_a_leg_that_no_flow_took_is_not_proved(tmp_path: File) -> None:
    node = hashed(tmp_path, "balance-xor", lambda _sent: "eno1", {"eno1": 9000}, policy="layer2")
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "not_proved")]
    assert outcome.legs[1].why == (
        "none of 64 flows left by eno2 (mode balance-xor, xmit_hash_policy layer2); with more peers, or a policy that"
        " looks at more than addresses, one may"
    )
    assert not outcome.proved


def test_broadcast_tells_no_leg_from_another(tmp_path: File) -> None:
    node = hashed(tmp_path, "broadcast", by_ident, {"eno1": 9000, "eno2": 9000})
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "not_proved"), ("eno2", "not_proved")]
    assert outcome.legs[0].why == (
        "mode broadcast sends every packet through all ports at once, so no leg can be told from another"
    )


def test_a_port_that_cannot_be_watched(tmp_path: File) -> None:
    node = hashed(tmp_path, "802.3ad", by_ident, {"eno1": 9000, "eno2": 9000})

    def tap(port: str) -> None:
        if port == "eno2":
            raise OSError(97, "Address family not supported by protocol")

    node.net.tap = tap  # type: ignore[method-assign]
    outcome = node.prove()
    assert statuses(outcome) == [("eno1", "proved"), ("eno2", "not_proved")]
    assert outcome.legs[1].why == "cannot see what leaves by eno2 (Address family not supported by protocol)"


def test_lacp_is_waited_for(tmp_path: File) -> None:
    def bond(look: int) -> Bond:
        state = 0x3D if look > 100 else 0x0D
        ports = (Port("eno1", aggregator=1, lacp_state=0x3D), Port("eno2", aggregator=1, lacp_state=state))
        return Bond("mgmt-bo", "802.3ad", ports, aggregator=1)

    node = hashed(tmp_path, "802.3ad", by_ident, {"eno1": 9000, "eno2": 9000}, reads=bond)
    assert node.prove().proved
    assert node.files.looks == 101
    assert node.net.sent[0].at == pytest.approx(1000 + 99 * 0.2)


def test_nothing_is_sent_when_ports_stay_down(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000}, (Port("eno1"), Port("eno2", carrier=False)))
    with pytest.raises(NetworkError) as caught:
        node.prove(legs_timeout=30)
    assert str(caught.value) == (
        "bond mgmt-bo: 1 of 2 ports up after 30 s, legs_up=2; down: eno2 (no carrier); look at cable and switch port,"
        " or lower legs_up to leave a leg unproved"
    )
    assert node.net.sent == []
    assert node.net.clock == pytest.approx(1030, abs=0.3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"bond": "mgmt-ob"},
            "path_mtu: bond=mgmt-ob: this node has no such bond; 'ip link show type bond' lists them",
        ),
        (
            {"legs_up": 3},
            "path_mtu: legs_up=3: bond mgmt-bo has 2 port(s): eno1, eno2; ask for as many as there are",
        ),
    ],
)
def test_bad_bonds_are_refused_before_anything_is_sent(tmp_path: File, options: dict[str, Any], message: str) -> None:
    node = backup(tmp_path, {"eno1": 9000})
    with pytest.raises(NetworkError) as caught:
        node.prove(**options)
    assert str(caught.value) == message
    assert node.net.sent == []


def test_a_bond_without_ports(tmp_path: File) -> None:
    with pytest.raises(NetworkError, match=r"legs_up: bond mgmt-bo has 0 port\(s\): none; ask for as many"):
        backup(tmp_path, {}, ()).prove()


def test_without_legs_the_bond_is_not_looked_at(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000})
    outcome = node.prove(legs=False, bond="nothing")
    assert (outcome.legs, outcome.warnings, outcome.proved, node.files.looks) == ((), (), True, 0)
    assert node.net.tapped == []


def test_everything_that_is_wrong_with_lines_is_said_at_once(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000})

    def open_line(line: Line) -> None:
        if line.namespace:
            raise LineError("namespace", "there is no such network namespace in /run/netns", "'ip netns' lists them")
        if line.device:
            raise LineError("device", "there is no such device", "'ip link' lists them")

    node.net.open = open_line  # type: ignore[method-assign]
    paths = [
        {"peer": "10.0.0.2", "mtu": 1500, "namespace": "ns1", "larger": "refuse"},
        {"peer": "10.0.0.2", "mtu": 1500, "device": "eth9", "name": "x", "larger": "refuse"},
    ]
    with pytest.raises(ValidationError) as caught:
        node.prove(legs=False, paths=paths)
    assert str(caught.value) == (
        "paths[0]: namespace=ns1: there is no such network namespace in /run/netns; 'ip netns' lists them\n"
        "path 'x': device=eth9: there is no such device; 'ip link' lists them"
    )
    assert (node.net.sent, node.net.closed) == ([], True)


def test_a_peer_in_use_is_refused_before_anything_is_sent(tmp_path: File) -> None:
    node = backup(tmp_path, {"eno1": 9000})
    answer = '[{"dst":"10.9.0.53","gateway":"10.217.0.1","dev":"mgmt-br.2017","flags":[]}]\n' + TABLE
    host = Host(lambda _argv, _data: (0, answer, ""), node.net, node.files, node.net.sleep, str(tmp_path))
    params = {"paths": [{"peer": "10.9.0.53", "mtu": 9000, "larger": "allow"}], "in_use": ["10.9.0.53"]}
    options = {"count": 3, "timeout": 1.0, "legs": False, "bond": "", "legs_up": None, "legs_timeout": 90}
    with pytest.raises(ValidationError, match=r"paths\[0\]: peer=10.9.0.53: in_use names it, and it lies behind"):
        carry_out(host, {**params, **options}, False)
    assert node.net.sent == []


def test_the_result_as_data(tmp_path: File) -> None:
    found = backup(tmp_path, {"eno1": 9000, "eno2": 0}).prove().to_dict()
    assert set(found) == {"changed", "paths", "legs", "proved", "packets"}
    assert set(found["legs"][0]) == {"port", "was_active", "status", "largest", "paths", "why"}
    assert found["legs"][0]["paths"][0]["status"] == "proved"
    assert found["packets"] == 2 * 2 + 2 * 3


def test_the_guard_knows_the_whole_bound(tmp_path: File, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, str, float]] = []

    class Guard:
        def __init__(self, path: str, text: str, seconds: float) -> None:
            made.append((path, text, seconds))

        def release(self) -> None:
            made.append(("released", "", 0))

    monkeypatch.setattr(_legs, "Guard", Guard)
    node = backup(tmp_path, {"eno1": 9000, "eno2": 9000})
    node.prove()
    assert made == [(str(tmp_path / "active_slave"), "eno1", 2 * (5 + 16.75) + 30), ("released", "", 0)]


def test_what_waits_for_ports_is_told_as_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pause, "_pauses", [])
    monkeypatch.setattr(_pause.time, "sleep", lambda _seconds: None)
    Host(lambda _argv, _data: (0, "", ""), Net({})).sleep(_legs.PAUSE)
    assert _pause.slept() == _legs.PAUSE
