# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a prober sends, when it gives up, and what it takes for an answer."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest
from path_net import Net, Sent, path

from ansible_collections.harvester.network.plugins.module_utils.probe._prober import Ask, Evidence, Flow, Prober, merged
from ansible_collections.harvester.network.plugins.module_utils.probe._wire import Arrival, Line

LINE = Line()
PEER = "10.0.0.2"


def ask(prober: Prober, size: int = 84, peer: str = PEER, tries: int = 3) -> tuple[Flow, Evidence]:
    flow = prober.flow(peer, LINE)
    prober.run([Ask(flow, size, tries, 0.5, 1.0)])
    return flow, prober.evidence(flow)


def test_an_answer_ends_it() -> None:
    net = Net({PEER: path(1500, rtt=0.25)})
    _flow, evidence = ask(net.prober())
    assert evidence.passed() == {84}
    assert evidence.rtt(84) == pytest.approx(0.25)
    assert net.sizes() == [84]
    assert net.clock == 1000.25


def test_silence_is_tried_again_and_given_up() -> None:
    net = Net()
    prober = net.prober()
    _flow, evidence = ask(prober)
    assert evidence.failed() == {84}
    assert [item.at for item in net.sent] == [1000.0, 1000.5, 1001.0]
    assert net.clock == 1002.0
    assert prober.sent == 3


def test_one_lost_packet_is_no_failure() -> None:
    net = Net({PEER: path(1500, lost=lambda sent: sent.number == 1)})
    _flow, evidence = ask(net.prober())
    assert evidence.passed() == {84}
    assert len(net.sent) == 2


def test_an_answer_to_an_earlier_try_counts_however_late() -> None:
    """As when a MAC address is learned by the second try: the kernel then sends what it had kept."""
    net = Net({PEER: lambda sent: iter([sent.reply(1.75)] if sent.number == 1 else [])})
    _flow, evidence = ask(net.prober())
    assert evidence.passed() == {84}
    assert net.clock == 1001.75


def test_a_size_that_the_kernel_refuses_is_not_tried_again() -> None:
    net = Net({PEER: path(9000, device=1500)})
    prober = net.prober()
    _flow, evidence = ask(prober, 9000)
    assert (evidence.too_big, evidence.failed(), prober.sent, net.clock) == ({9000}, {9000}, 0, 1000.0)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOBUFS])
def test_a_full_queue_is_waited_for(number: int) -> None:
    tries = iter([number, number])
    whole = path(1500)

    net = Net({PEER: lambda sent: next(tries, 0) or whole(sent)})
    _flow, evidence = ask(net.prober())
    assert evidence.passed() == {84}
    assert net.clock == pytest.approx(1000.011)


def test_a_queue_that_stays_full_is_an_error_in_the_end() -> None:
    net = Net({PEER: lambda _sent: errno.ENOBUFS})
    prober = net.prober()
    _flow, evidence = ask(prober)
    assert evidence.errors == ["No buffer space available"] * 3
    assert prober.sent == 0
    assert net.clock < 1006


def test_another_error_of_sending_is_noted_and_tried_again() -> None:
    first = iter([errno.EPERM])
    whole = path(1500)
    net = Net({PEER: lambda sent: next(first, 0) or whole(sent)})
    _flow, evidence = ask(net.prober())
    assert (evidence.errors, evidence.passed()) == (["Operation not permitted"], {84})


def test_a_report_of_a_router_settles_a_size() -> None:
    net = Net({PEER: path(1400, router="10.0.0.254")})
    _flow, evidence = ask(net.prober(), 1500)
    assert evidence.failed() == {1500}
    assert [(report.reporter, report.mtu) for report in evidence.reports.values()] == [("10.0.0.254", 1400)]
    assert len(net.sent) == 1


def test_an_unreachable_host_is_tried_again() -> None:
    net = Net({PEER: lambda sent: iter([sent.report(0.1, "10.0.0.1", code=1)])})
    _flow, evidence = ask(net.prober())
    assert len(net.sent) == 3
    assert {report.word for report in evidence.reports.values()} == {"host unreachable"}


def test_an_answer_in_fragments_does_not_pass() -> None:
    net = Net({PEER: path(9000, back=1500)})
    _flow, evidence = ask(net.prober(), 9000)
    assert (evidence.passed(), evidence.failed(), evidence.fragment()) == (set(), {9000}, 1500)
    assert len(net.sent) == 1


STRAY = {
    "another peer": lambda sent: sent.reply(0.1, source="10.0.0.66"),
    "another run": lambda sent: sent.reply(0.1, nonce=b"anything"),
    "a request that came back": lambda sent: (sent.at, Arrival(sent.seen("eno1")[1].packet, sent.at)),
    "noise": lambda sent: (sent.at, Arrival(b"\xff" * 40, sent.at)),
}


@pytest.mark.parametrize("name", STRAY)
def test_strays_are_never_counted(name: str) -> None:
    net = Net({PEER: lambda sent: iter([STRAY[name](sent)])})
    _flow, evidence = ask(net.prober())
    assert evidence.passed() == set()


def test_a_report_about_another_peer_is_not_counted() -> None:
    def rule(sent: Sent) -> Iterator[tuple[float, Arrival]]:
        found = sent.report(0.1, "10.0.0.254", mtu=1400)
        yield found[0], found[1]._replace(packet=found[1].packet[:44] + b"\x0a\0\0\x63" + found[1].packet[48:])

    net = Net({PEER: rule})
    _flow, evidence = ask(net.prober())
    assert evidence.reports == {}


def test_a_double_answer_counts_once() -> None:
    net = Net({PEER: lambda sent: iter([sent.reply(0.1), sent.reply(0.2, fragment=100)])})
    prober = net.prober()
    _flow, evidence = ask(prober)
    prober.run([Ask(prober.flow(PEER, LINE), 85, 1, 0.5, 1.0)])
    assert (evidence.passed(), evidence.fragment()) == ({84}, 0)


def test_all_flows_go_at_the_same_time() -> None:
    peers = ["10.0.1.%d" % number for number in range(200)]
    net = Net({peer: path(1500, rtt=0.05) for peer in peers[:-1]})
    prober = net.prober()
    flows = [prober.flow(peer, LINE) for peer in peers]
    prober.run([Ask(flow, 1500, 3, 0.5, 1.0) for flow in flows])
    assert sum(1 for flow in flows if prober.evidence(flow).passed()) == 199
    assert len(net.sent) == 202
    assert net.clock == 1002.0


def test_identifiers_are_never_given_twice() -> None:
    prober = Net().prober(65534)
    assert [prober.flow(PEER, LINE).ident for _number in range(4)] == [65534, 65535, 0, 1]


def ports_of(sent: Sent) -> str:
    return "eno1" if sent.ident % 2 else "eno2"


def seen_rule(sent: Sent) -> Iterator[tuple[float, Arrival]]:
    yield sent.seen(ports_of(sent))
    if sent.size < 1501 or ports_of(sent) == "eno1":
        yield sent.reply(0.01)


def test_evidence_of_one_port() -> None:
    net = Net({PEER: seen_rule})
    prober = net.prober()
    flows = [prober.flow(PEER, LINE) for _number in range(4)]
    prober.run([Ask(flow, size, 2, 0.5, 1.0) for flow in flows for size in (84, 9000)])
    parts = [prober.evidence(flow) for flow in flows]
    assert merged(parts).passed() == {84, 9000}
    assert merged(part.through("eno1") for part in parts).passed() == {84, 9000}
    assert merged(part.through("eno2") for part in parts).passed() == {84}
    assert merged(part.through("eno2") for part in parts).failed() == {9000}
    assert merged(part.through("eno3") for part in parts).probes == []


def test_a_packet_that_left_by_two_ports_counts_for_neither() -> None:
    net = Net({PEER: lambda sent: iter([sent.seen("eno1"), sent.seen("eno2"), sent.reply(0.01)])})
    _flow, evidence = ask(net.prober())
    assert evidence.passed() == {84}
    assert evidence.through("eno1").passed() == set()


def test_evidence_that_is_merged_keeps_reports_and_errors() -> None:
    net = Net({PEER: path(1400, router="10.0.0.254"), "10.0.0.3": lambda _sent: errno.EPERM})
    prober = net.prober()
    parts = [ask(prober, 1500)[1], ask(prober, 1500)[1], ask(prober, 1500, "10.0.0.3")[1]]
    found = merged(parts)
    assert len(found.reports) == 2
    assert found.errors == ["Operation not permitted"] * 3
