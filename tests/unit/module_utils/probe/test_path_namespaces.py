# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real packets between network namespaces of this machine: what the kernel really does with sizes and fragments."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError, ValidationError
from ansible_collections.harvester.network.plugins.module_utils.probe._bond import Bond, BondFiles, Port
from ansible_collections.harvester.network.plugins.module_utils.probe._inside import inside
from ansible_collections.harvester.network.plugins.module_utils.probe._path_mtu import Host, Outcome, carry_out
from ansible_collections.harvester.network.plugins.module_utils.probe._wire import Wire

PREFIX = "hnpath%d" % os.getpid()
OPTIONS: dict[str, Any] = {
    "count": 3,
    "timeout": 0.5,
    "in_use": [],
    "legs": False,
    "bond": "bo",
    "legs_up": None,
    "legs_timeout": 0,
}


def run(argv: Sequence[str], data: str = "") -> tuple[int, str, str]:
    done = subprocess.run(argv, input=data, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def made_here() -> str:
    """Why namespaces cannot be made here; empty when they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "ip of iproute2 is not installed"
    status, _output, errors = run(["ip", "netns", "add", PREFIX])
    if status:
        return "network namespaces cannot be made: " + errors.strip()
    run(["ip", "netns", "del", PREFIX])
    return ""


MISSING = made_here()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


class Space:
    """Namespaces that are gone after the test."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def name(self, word: str) -> str:
        return "%s-%s" % (PREFIX, word)

    def add(self, *words: str) -> None:
        for word in words:
            self.ok("ip", "netns", "add", self.name(word))
            self.names.append(self.name(word))
            self.ip(word, "link set lo up")

    def veth(self, word: str, device: str, mtu: int, other: str, other_device: str, other_mtu: int) -> None:
        ends = ["name", device, "netns", self.name(word)], ["name", other_device, "netns", self.name(other)]
        self.ok("ip", "link", "add", *ends[0], "mtu", str(mtu), "type", "veth", "peer", *ends[1], "mtu", str(other_mtu))
        self.ip(word, "link set %s up" % device)
        self.ip(other, "link set %s up" % other_device)

    def ip(self, word: str, line: str) -> str:
        return self.ok("ip", "-n", self.name(word), *line.split())

    def inside(self, word: str, *argv: str) -> str:
        return self.ok("ip", "netns", "exec", self.name(word), *argv)

    @staticmethod
    def ok(*argv: str) -> str:
        status, output, errors = run(argv)
        assert status == 0, (argv, errors)
        return output

    def close(self) -> None:
        for name in self.names:
            run(["ip", "netns", "del", name])


@pytest.fixture
def space() -> Iterator[Space]:
    found = Space()
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def routed(space: Space) -> Space:
    """a - b on one link with jumbo frames; a - r - c with a router whose second link has 1400 bytes."""
    space.add("a", "b", "r", "c")
    space.veth("a", "a0", 9000, "b", "b0", 9000)
    space.veth("a", "a1", 9000, "r", "r0", 9000)
    space.veth("r", "r1", 1400, "c", "c0", 1400)
    space.ip("a", "address add 10.71.0.1/24 dev a0")
    for host in (2, 3, 4, 5):
        space.ip("b", "address add 10.71.0.%d/24 dev b0" % host)
    space.ip("a", "address add 10.72.0.1/24 dev a1")
    space.ip("r", "address add 10.72.0.254/24 dev r0")
    space.ip("r", "address add 10.73.0.254/24 dev r1")
    space.ip("c", "address add 10.73.0.2/24 dev c0")
    space.ip("a", "route add default via 10.72.0.254")
    space.ip("c", "route add default via 10.73.0.254")
    space.inside("r", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    return space


def prove(space: Space, *paths: dict[str, Any], **options: Any) -> Outcome:
    filled = [
        {"larger": "refuse", "namespace": space.name("a"), **item, "name": item.get("name") or item["peer"]}
        for item in paths
    ]
    return carry_out(Host(run, Wire(), BondFiles()), {**OPTIONS, "paths": filled, **options}, False)


def found(outcome: Outcome) -> list[tuple[str, str, int | None]]:
    return [(item.path.name, item.status, item.largest) for item in outcome.paths]


def test_exact_sizes_all_at_once(routed: Space) -> None:
    outcome = prove(
        routed,
        {"peer": "10.71.0.2", "mtu": 9000},
        {"peer": "10.71.0.2", "mtu": 1500, "name": "one byte more"},
        {"peer": "10.71.0.2", "mtu": 1500, "larger": "allow", "name": "more"},
        {"peer": "10.71.0.2", "mtu": 9100, "name": "device"},
        {"peer": "10.73.0.2", "mtu": 1400, "name": "router, exact"},
        {"peer": "10.71.0.99", "mtu": 1500, "name": "absent"},
        {"peer": "10.71.0.2", "mtu": 9000, "device": "a1", "name": "another device"},
        {"peer": "10.71.0.2", "mtu": 9000, "source": "10.71.0.1", "name": "source"},
    )
    assert found(outcome) == [
        ("10.71.0.2", "proved", 9000),
        ("one byte more", "mtu_larger", 1501),
        ("more", "proved", 1500),
        ("device", "mtu_too_small", 9000),
        ("router, exact", "proved", 1400),
        ("absent", "no_path", None),
        ("another device", "no_path", None),
        ("source", "proved", 9000),
    ]
    device = outcome.paths[3]
    assert device.why.endswith("the largest that does is 9000 bytes, the MTU of this node's a0")
    assert outcome.paths[0].to_dict()["source"] == "10.71.0.1"
    assert outcome.paths[0].rtt


def test_a_router_with_a_smaller_mtu_reports_it_and_the_memory_of_it_is_passed_over(routed: Space) -> None:
    wanted = {"peer": "10.73.0.2", "mtu": 9000}
    outcome = prove(routed, wanted)
    assert found(outcome) == [("10.73.0.2", "mtu_too_small", 1400)]
    assert (outcome.paths[0].reported_by, outcome.paths[0].reported_mtu) == ("10.72.0.254", 1400)
    assert "mtu 1400" in routed.ip("a", "route get 10.73.0.2")
    for word, device in (("r", "r1"), ("c", "c0")):
        routed.ip(word, "link set %s mtu 9000" % device)
    assert "mtu 1400" in routed.ip("a", "route get 10.73.0.2")
    assert found(prove(routed, wanted)) == [("10.73.0.2", "proved", 9000)]


def test_the_mtu_of_a_route_is_passed_over(routed: Space) -> None:
    routed.ip("a", "route add 10.71.0.3/32 dev a0 mtu lock 1300")
    assert found(prove(routed, {"peer": "10.71.0.3", "mtu": 9000})) == [("10.71.0.3", "proved", 9000)]


def test_a_black_hole(routed: Space) -> None:
    if not shutil.which("nft"):
        pytest.skip("nft is not installed")
    rules = "table ip hole { chain in { type filter hook input priority 0; meta length > 3777 drop; }; }"
    routed.inside("b", "nft", rules)
    outcome = prove(routed, {"peer": "10.71.0.2", "mtu": 9000}, {"peer": "10.71.0.3", "mtu": 3777})
    assert found(outcome) == [("10.71.0.2", "mtu_too_small", 3777), ("10.71.0.3", "proved", 3777)]
    assert outcome.paths[0].reported_by is None
    assert "does not report it" in outcome.paths[0].why


def test_an_answer_in_fragments_is_no_proof(routed: Space) -> None:
    """The peer answers 9000 bytes, but its way back has 1500."""
    routed.ip("b", "route replace 10.71.0.0/24 dev b0 proto kernel scope link src 10.71.0.2 mtu 1500")
    outcome = prove(routed, {"peer": "10.71.0.2", "mtu": 9000})
    assert found(outcome) == [("10.71.0.2", "mtu_too_small", 1500)]
    assert outcome.paths[0].why.endswith("answered in fragments of 1500 bytes, so the way back is narrower")


def test_a_firewall_on_the_sender(routed: Space) -> None:
    if not shutil.which("nft"):
        pytest.skip("nft is not installed")
    routed.inside(
        "a", "nft", "table ip wall { chain out { type filter hook output priority 0; ip daddr 10.71.0.4 drop; }; }"
    )
    outcome = prove(routed, {"peer": "10.71.0.4", "mtu": 9000})
    assert found(outcome) == [("10.71.0.4", "no_path", None)]
    assert outcome.paths[0].why.endswith("; sending failed (Operation not permitted)")


def test_a_peer_without_a_route_and_the_sender_itself(routed: Space) -> None:
    routed.ip("a", "route del default")
    outcome = prove(routed, {"peer": "10.73.0.2", "mtu": 9000})
    assert outcome.paths[0].why == "this node has no route to 10.73.0.2 (Network is unreachable)"
    with pytest.raises(ValidationError, match="this is an address of the sender itself"):
        prove(routed, {"peer": "10.71.0.1", "mtu": 9000})
    with pytest.raises(ValidationError, match="this is a broadcast address, not one of a single host"):
        prove(routed, {"peer": "10.71.0.255", "mtu": 9000})


def test_a_routed_peer_with_a_route_of_its_own_is_refused(routed: Space) -> None:
    routed.ip("a", "route add 10.73.0.2/32 via 10.72.0.254")
    with pytest.raises(ValidationError, match="this node has a route for exactly this address, and it lies behind"):
        prove(routed, {"peer": "10.73.0.2", "mtu": 9000})
    assert "mtu 1400" not in routed.ip("a", "route get 10.73.0.2")


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"namespace": PREFIX + "-nothing"}, "there is no such network namespace in /run/netns; 'ip netns' lists them"),
        ({"device": "a9"}, "path '10.71.0.2': device=a9: there is no such device; 'ip link' lists them"),
        ({"source": "10.71.0.9"}, "source=10.71.0.9: no device has this address; 'ip address' lists them"),
    ],
)
def test_lines_that_do_not_exist(routed: Space, item: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        prove(routed, {"peer": "10.71.0.2", "mtu": 9000, **item})
    assert message in str(caught.value)


def test_the_namespace_is_left_and_nothing_stays_open(routed: Space) -> None:
    def now() -> tuple[File, int]:
        return File("/proc/thread-self/ns/net").readlink(), len(list(File("/proc/self/fd").iterdir()))

    before = now()
    prove(routed, {"peer": "10.71.0.2", "mtu": 9000})
    assert now() == before


def test_a_hundred_peers_with_jumbo_frames_at_once(space: Space) -> None:
    """The buffers hold what comes at the same moment."""
    space.add("a", "b")
    space.veth("a", "a0", 9000, "b", "b0", 9000)
    space.ip("a", "address add 10.71.0.1/24 dev a0")
    lines = ["address add 10.71.0.%d/24 dev b0\n" % host for host in range(100, 200)]
    assert run(["ip", "-n", space.name("b"), "-batch", "-"], "".join(lines))[0] == 0
    outcome = prove(space, *({"peer": "10.71.0.%d" % host, "mtu": 9000} for host in range(100, 200)))
    assert outcome.proved
    assert outcome.packets == 200


@dataclass
class Pair:
    """A bridge of which one port at a time is connected: what an active-backup bond does, without its driver."""

    space: Space
    folder: File
    ports: tuple[Port, Port] = (Port("p1"), Port("p2"))
    written: list[str] = field(default_factory=lambda: ["p1"])

    def read(self, name: str) -> Bond:
        return Bond(name, "active-backup", self.ports, self.written[-1])

    def active(self, _name: str) -> str:
        return self.written[-1]

    def active_file(self, _name: str) -> str:
        return str(self.folder / "active_slave")

    def activate(self, _name: str, port: str) -> None:
        self.space.ip("a", "link set %s nomaster" % self.written[-1])
        self.space.ip("a", "link set %s master bo" % port)
        self.written.append(port)


@pytest.fixture
def pair(space: Space, tmp_path: File) -> Pair:
    """a has two ports to a switch, the second of which passes 1500 bytes there; b is behind the switch."""
    space.add("a", "s", "b")
    for word, device in (("a", "bo"), ("s", "sw")):
        space.ip(word, "link add %s mtu 9000 type bridge" % device)
    space.ip("a", "link set bo address 02:00:00:00:00:01")
    space.veth("a", "p1", 9000, "s", "s1", 9000)
    space.veth("a", "p2", 9000, "s", "s2", 1500)
    space.veth("b", "b0", 9000, "s", "s3", 9000)
    space.ip("a", "link set p1 master bo")
    for port in ("s1", "s2", "s3"):
        space.ip("s", "link set %s master sw" % port)
    space.ip("s", "link set sw mtu 9000")
    for word, device in (("a", "bo"), ("s", "sw")):
        space.ip(word, "link set %s mtu 9000 up" % device)
    space.ip("a", "address add 10.71.0.1/24 dev bo")
    space.ip("b", "address add 10.71.0.2/24 dev b0")
    return Pair(space, tmp_path)


def test_legs_are_told_apart_by_what_leaves_through_them(pair: Pair) -> None:
    params = {"paths": [{"peer": "10.71.0.2", "mtu": 9000, "larger": "refuse"}], **OPTIONS, "legs": True}
    with inside("/run/netns/" + pair.space.name("a")):
        outcome = carry_out(Host(run, Wire(), pair), params, False)
    assert [(item.port, item.status, item.largest) for item in outcome.legs] == [
        ("p1", "proved", 9000),
        # A bridge lets four bytes more pass, for a VLAN tag (is_skb_forwardable() of Linux).
        ("p2", "mtu_too_small", 1504),
    ]
    assert pair.written == ["p1", "p2", "p1"]
    assert [item.status for item in outcome.paths] == ["proved"]
    assert (outcome.changed, outcome.proved) == (True, False)


def test_a_port_that_is_not_there_cannot_be_watched(pair: Pair) -> None:
    pair.ports = (Port("p1"), Port("p9"))
    params = {"paths": [{"peer": "10.71.0.2", "mtu": 9000, "larger": "refuse"}], **OPTIONS, "legs": True}
    with inside("/run/netns/" + pair.space.name("a")):
        outcome = carry_out(Host(run, Wire(), pair), params, False)
    assert [item.status for item in outcome.legs] == ["proved", "not_proved"]
    assert outcome.legs[1].why == "cannot see what leaves by p9 (No such device)"


def test_ip_that_is_missing(routed: Space) -> None:
    host = Host(lambda argv, _data: (127, "", argv[0] + ": No such file or directory"), Wire(), BondFiles())
    params = {**OPTIONS, "paths": [{"peer": "10.71.0.2", "mtu": 9000, "larger": "refuse"}]}
    with pytest.raises(NetworkError, match="needs iproute2's ip with JSON output"):
        carry_out(host, params, False)
