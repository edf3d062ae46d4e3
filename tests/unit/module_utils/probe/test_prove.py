# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a proof on simulated paths: status, largest size, sentence, packets and time."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from path_net import Net, Rule, Sent, path

from ansible_collections.harvester.network.plugins.module_utils.probe import _prove
from ansible_collections.harvester.network.plugins.module_utils.probe._paths import Path, PathResult, Way, judge
from ansible_collections.harvester.network.plugins.module_utils.probe._prober import Ask, Evidence
from ansible_collections.harvester.network.plugins.module_utils.probe._prove import Pace, Trip, bound, prove
from ansible_collections.harvester.network.plugins.module_utils.probe._wire import Arrival, Line

PEER = "10.217.0.12"
WAY = Way("mgmt-br.2017", "10.217.0.11", mtu=9000)
PACE = Pace()


def result(net: Net, wanted: Path, way: Way = WAY, pace: Pace = PACE, searching: bool = True) -> PathResult:
    prober = net.prober()
    trip = Trip(prober.flow(wanted.peer, wanted.line), wanted, way)
    prove(prober, [trip], pace, searching)
    return judge(wanted, way, prober.evidence(trip.flow))


def lossy(*numbers: int) -> Callable[[Sent], bool]:
    return lambda sent: sent.number in numbers


def late_arp(sent: Sent) -> Iterator[tuple[float, Arrival]]:
    """The first request for the MAC address is lost; the kernel keeps the packet and asks again after a second."""
    first_second = sent.at < 1001.0
    yield sent.reply(1001.0 - sent.at + 0.002 if first_second else 0.002)


def no_arp(sent: Sent) -> Iterator[tuple[float, Arrival]]:
    if sent.number == 1:
        yield sent.report(3.05, "10.217.0.11", code=1)


CASES: list[tuple[str, Rule | None, Path, str, int | None, str]] = [
    (
        "exact by the device's own MTU",
        path(9000, device=9000),
        Path(PEER, 9000),
        "proved",
        9000,
        "packets of 9000 bytes to 10.217.0.12 pass, and one byte more does not",
    ),
    (
        "exact by the network",
        path(1500),
        Path(PEER, 1500),
        "proved",
        1500,
        "packets of 1500 bytes to 10.217.0.12 pass, and one byte more does not",
    ),
    (
        "exact by a router",
        path(1500, router="10.217.0.1"),
        Path(PEER, 1500),
        "proved",
        1500,
        "packets of 1500 bytes to 10.217.0.12 pass, and one byte more does not",
    ),
    (
        "more is welcome",
        path(9000),
        Path(PEER, 1500, more=True),
        "proved",
        1500,
        "packets of 1500 bytes to 10.217.0.12 pass",
    ),
    (
        "more is not welcome",
        path(9000),
        Path(PEER, 1500),
        "mtu_larger",
        1501,
        "packets of 1501 bytes to 10.217.0.12 pass, one byte more than the 1500 that were asked for",
    ),
    (
        "the largest packet of IPv4",
        path(65535),
        Path(PEER, 65535),
        "proved",
        65535,
        "packets of 65535 bytes to 10.217.0.12 pass, and one byte more does not",
    ),
    ("MAC address learned late", late_arp, Path(PEER, 1500, more=True), "proved", 1500, ""),
    ("one lost packet of each size", path(9000, device=9000, lost=lossy(1)), Path(PEER, 9000), "proved", 9000, ""),
    (
        "nobody there",
        None,
        Path(PEER, 1500),
        "no_path",
        None,
        "10.217.0.12 does not answer, not even to packets of 84 bytes",
    ),
    (
        "no MAC address",
        no_arp,
        Path(PEER, 1500),
        "no_path",
        None,
        (
            "10.217.0.12 does not answer, not even to packets of 84 bytes; this node's kernel says host unreachable"
            " (nobody answered ARP)"
        ),
    ),
    (
        "a router knows nothing",
        lambda sent: iter([sent.report(0.01, "10.217.0.1", code=13)]),
        Path(PEER, 1500),
        "no_path",
        None,
        "10.217.0.12 does not answer, not even to packets of 84 bytes; 10.217.0.1 says communication prohibited",
    ),
    (
        "a firewall of its own",
        lambda _sent: errno.EPERM,
        Path(PEER, 1500),
        "no_path",
        None,
        ("10.217.0.12 does not answer, not even to packets of 84 bytes; sending failed (Operation not permitted)"),
    ),
    (
        "a black hole",
        path(1500),
        Path(PEER, 9000),
        "mtu_too_small",
        1500,
        (
            "packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1500 bytes; what drops larger"
            " ones does not report it, as a switch or a bridge with a smaller MTU"
        ),
    ),
    ("an odd black hole", path(3777), Path(PEER, 9000), "mtu_too_small", 3777, ""),
    ("one byte short", path(8999), Path(PEER, 9000), "mtu_too_small", 8999, ""),
    ("barely more than nothing", path(84), Path(PEER, 9000), "mtu_too_small", 84, ""),
    (
        "a black hole with losses",
        path(1500, lost=lambda sent: sent.number == 1 and sent.size % 3 == 0),
        Path(PEER, 9000),
        "mtu_too_small",
        1500,
        "",
    ),
    (
        "a router",
        path(1400, router="10.217.0.1"),
        Path(PEER, 9000),
        "mtu_too_small",
        1400,
        (
            "packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1400 bytes; 10.217.0.1 reports"
            " that larger ones do not fit into 1400 bytes"
        ),
    ),
    (
        "an old router",
        path(1337, router="10.217.0.1", router_mtu=0),
        Path(PEER, 9000),
        "mtu_too_small",
        1337,
        (
            "packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1337 bytes; 10.217.0.1 reports"
            " that larger ones do not fit"
        ),
    ),
    (
        "a router that lies",
        path(1400, router="10.217.0.1", router_mtu=1300),
        Path(PEER, 9000),
        "mtu_too_small",
        1400,
        "",
    ),
    (
        "the device's own MTU",
        path(9000, device=9000),
        Path(PEER, 9216),
        "mtu_too_small",
        9000,
        (
            "packets of 9216 bytes to 10.217.0.12 do not pass; the largest that does is 9000 bytes, the MTU of this"
            " node's mgmt-br.2017"
        ),
    ),
    (
        "the device's own MTU, and a black hole",
        path(1500, device=9000),
        Path(PEER, 9216),
        "mtu_too_small",
        1500,
        (
            "packets of 9216 bytes to 10.217.0.12 do not pass; the largest that does is 1500 bytes; the MTU of this"
            " node's mgmt-br.2017 is 9000 bytes"
        ),
    ),
    (
        "a narrow way back",
        path(9000, device=9000, back=1500),
        Path(PEER, 9000),
        "mtu_too_small",
        1500,
        (
            "packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1500 bytes; larger ones are"
            " answered in fragments of 1500 bytes, so the way back is narrower"
        ),
    ),
    (
        "a firewall of its own against large ones",
        lambda sent: errno.EPERM if sent.size > 1000 else path(1500)(sent),
        Path(PEER, 9000),
        "mtu_too_small",
        1000,
        (
            "packets of 9000 bytes to 10.217.0.12 do not pass; the largest that does is 1000 bytes; sending larger"
            " ones failed (Operation not permitted)"
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "wanted", "status", "largest", "why"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_what_is_found(rule: Rule | None, wanted: Path, status: str, largest: int | None, why: str) -> None:
    net = Net({PEER: rule} if rule else {})
    found = result(net, wanted)
    assert (found.status, found.largest) == (status, largest)
    assert found.why == why or not why
    assert net.clock - 1000 <= bound(PACE)


def test_a_small_packet_goes_first_and_alone() -> None:
    net = Net({PEER: path(9000)})
    result(net, Path(PEER, 9000))
    assert net.sizes()[0] == 84
    assert set(net.sizes()) == {84, 9000, 9001}
    assert [item.at for item in net.sent[:2]] == [1000.0, 1000.001]


def test_nothing_large_is_sent_to_a_silent_peer() -> None:
    net = Net()
    result(net, Path(PEER, 9000))
    assert net.sizes() == [84, 84, 84]
    assert [item.at for item in net.sent] == [1000.0, 1001.0, 1002.0]
    assert net.clock == 1003.25


def test_no_route_sends_nothing() -> None:
    net = Net()
    found = result(net, Path(PEER, 9000), Way(error="Network is unreachable"))
    assert (found.status, net.sent) == ("no_path", [])
    assert found.why == "this node has no route to 10.217.0.12 (Network is unreachable)"


def test_one_byte_more_is_not_sent_when_it_may_pass() -> None:
    net = Net({PEER: path(9000)})
    result(net, Path(PEER, 1500, more=True))
    assert net.sizes() == [84, 1500]


def test_who_reported_what() -> None:
    """The narrowest place is named, not the first on the way."""

    def rule(sent: Sent) -> Iterator[tuple[float, Arrival]]:
        if sent.size > 4000:
            yield sent.report(0.01, "10.217.0.1", mtu=4000)
        elif sent.size > 1400:
            yield sent.report(0.02, "10.217.1.1", mtu=1400)
        else:
            yield sent.reply(0.02)

    found = result(Net({PEER: rule}), Path(PEER, 9000))
    assert (found.largest, found.reported_by, found.reported_mtu) == (1400, "10.217.1.1", 1400)


def test_a_report_about_one_byte_more_is_no_news() -> None:
    found = result(Net({PEER: path(1500, router="10.217.0.1")}), Path(PEER, 1500))
    assert (found.reported_by, found.reported_mtu) == (None, None)
    assert found.rtt == pytest.approx(0.001)


def test_a_common_size_is_found_in_one_round() -> None:
    net = Net({PEER: path(1500)})
    result(net, Path(PEER, 9000))
    searched = [item for item in net.sent if item.size not in (84, 9000, 9001)]
    # Two tries of each size that fails, and the one above the largest once more with patience.
    assert len(searched) < 16 * 2 + 3 + 1
    assert net.clock - 1000 < 5


def test_without_a_search_only_what_was_tried_is_said() -> None:
    found = result(Net({PEER: path(1500)}), Path(PEER, 9000), searching=False)
    assert found.why == (
        "packets of 9000 bytes to 10.217.0.12 do not pass; the largest that was seen to pass is 84 bytes; what drops"
        " larger ones does not report it, as a switch or a bridge with a smaller MTU"
    )


def test_an_exact_size_that_passes_during_the_search_is_proved() -> None:
    """The link came back meanwhile."""
    net = Net({PEER: path(9000, device=9000, lost=lambda sent: sent.size == 9000 and sent.at < 1001.5)})
    found = result(net, Path(PEER, 9000), pace=Pace(3, 1.0))
    assert found.status == "proved"


@given(
    true=st.integers(84, 9100),
    wanted=st.integers(576, 9000),
    device=st.sampled_from([1500, 9000, 65535]),
    tries=st.integers(1, 5),
    reporting=st.booleans(),
)
def test_whatever_passes_is_found_in_time(true: int, wanted: int, device: int, tries: int, reporting: bool) -> None:
    net = Net({PEER: path(true, device=device, router="10.9.9.9" if reporting else "")})
    pace = Pace(tries, 0.4)
    found = result(net, Path(PEER, wanted), WAY._replace(mtu=device), pace)
    passes = min(true, device)
    if passes >= wanted:
        assert (found.status, found.largest) == (("mtu_larger", wanted + 1) if passes > wanted else ("proved", wanted))
    else:
        assert (found.status, found.largest) == ("mtu_too_small", passes)
        assert "the largest that does is" in found.why
    assert net.clock - 1000 <= bound(pace) + 1e-6


@given(st.sets(st.integers(0, 500)), st.integers(84, 9000))
def test_lost_packets_never_prove_and_never_take_longer(lost: set[int], true: int) -> None:
    count = iter(range(100000))
    net = Net({PEER: path(true, lost=lambda _sent: next(count) in lost)})
    found = result(net, Path(PEER, 9000, more=True))
    assert found.status != "proved" or true >= 9000
    assert found.largest is None or found.largest <= true
    assert net.clock - 1000 <= bound(PACE) + 1e-6


def test_failing_paths_are_searched_at_the_same_time() -> None:
    peers = {"10.0.0.%d" % number: 1000 + 37 * number for number in range(1, 60)}
    net = Net({peer: path(mtu) for peer, mtu in peers.items()})
    prober = net.prober()
    trips = [Trip(prober.flow(peer, Line()), Path(peer, 9000), WAY) for peer in peers]
    prove(prober, trips, PACE)
    found = {trip.path.peer: judge(trip.path, WAY, prober.evidence(trip.flow)).largest for trip in trips}
    assert found == peers
    assert net.clock - 1000 <= bound(PACE)


def test_a_round_of_many_paths_is_no_flood() -> None:
    rounds: list[int] = []

    class Counting:
        def __init__(self, prober: Any) -> None:
            self.prober = prober
            self.evidence = prober.evidence

        def run(self, asks: list[Ask]) -> None:
            rounds.append(len(asks))
            self.prober.run(asks)

    net = Net({"10.0.%d.1" % number: path(1234) for number in range(200)})
    prober = net.prober()
    trips = [Trip(prober.flow(peer, Line()), Path(peer, 1400), WAY) for peer in net.rules]
    _prove.prove(Counting(prober), trips, PACE)  # type: ignore[arg-type]
    assert max(rounds) <= _prove.PACKETS
    assert rounds[2] <= _prove.PACKETS


def test_the_bound_that_the_documentation_names() -> None:
    assert bound(Pace(3, 1.0)) == 16.75
    assert bound(Pace(1, 2.0)) == 2 * (2.5 * 1 + 9.25)


def test_nothing_sent_proves_nothing() -> None:
    found = judge(Path(PEER, 9000), WAY, Evidence())
    assert (found.status, found.why) == ("not_proved", "no packet to 10.217.0.12 was sent this way")


def test_the_public_result_has_every_key() -> None:
    wanted = Path(PEER, 9000, "node2", Line("ns1", "eth0", ""))
    assert result(Net({PEER: path(9000, device=9000, rtt=0.0012341)}), wanted).to_dict() == {
        "name": "node2",
        "peer": PEER,
        "mtu": 9000,
        "namespace": "ns1",
        "device": "mgmt-br.2017",
        "source": "10.217.0.11",
        "status": "proved",
        "largest": 9000,
        "reported_by": None,
        "reported_mtu": None,
        "rtt_ms": 1.234,
        "why": "packets of 9000 bytes to 10.217.0.12 pass, and one byte more does not",
    }
    nowhere = judge(Path(PEER, 9000), Way(error="No route to host"), Evidence()).to_dict()
    assert [key for key, value in nowhere.items() if value is None] == [
        "name",
        "namespace",
        "device",
        "source",
        "largest",
        "reported_by",
        "reported_mtu",
        "rtt_ms",
    ]
