# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints made and removed for real, on a bridge in a network namespace that stands for a node.

The kernel of the machine that tests may know no VLAN filtering, so the bridge has none; nodes are tested in
tests/nodes. systemd is replaced: its commands are kept, and the program is run as the timer would.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError, ValidationError
from ansible_collections.harvester.network.plugins.module_utils.probe import _arp, _inside
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoint import namespace_of, veth_of
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoints import Outcome, absent, present
from ansible_collections.harvester.network.plugins.module_utils.probe._host import Host
from ansible_collections.harvester.network.plugins.module_utils.probe._record import Store

IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3
OWN = f"hnt{os.getpid()}"
NAME = f"t{os.getpid()}"


def missing() -> str:
    """Why these tests cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "needs root: network namespaces are made"
    for program in ("ip", "bridge", "nsenter"):
        if not shutil.which(program):
            return f"needs {program}"
    made = subprocess.run(
        ["unshare", "-n", "ip", "link", "add", "b0", "type", "bridge"], capture_output=True, check=False
    )
    return "" if made.returncode == 0 else "needs a kernel with bridges, and the right to make them"


REASON = missing()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


def command(*argv: str, text: str | None = None) -> tuple[int, str, str]:
    done = subprocess.run(argv, input=text or "", capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class NodeHost(Host):
    """The node's namespace as a host; systemd's commands are kept and answered."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(self.inside, Store(str(folder / "probe")))
        self.systemd: list[list[str]] = []
        self.refuse_timer = False
        self.refuse: str | None = None
        self.later = 0

    def inside(self, argv: Sequence[str], text: str) -> tuple[int, str, str]:
        if argv[0] in ("systemd-run", "systemctl"):
            self.systemd.append(list(argv))
            refused = self.refuse_timer and argv[0] == "systemd-run"
            return (1, "", "Failed to start transient timer unit\n") if refused else (0, "", "")
        if self.refuse and self.refuse in text:
            # The kernel refuses the line that is put in its place.
            text = text.replace(self.refuse, "link set dev nosuch up")
        return command("nsenter", f"--net=/run/netns/{OWN}", *argv, text=text)

    def require(self) -> None:
        """systemd is not looked for."""

    def now(self) -> int:
        return super().now() + self.later


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Iterator[NodeHost]:
    """A node with the bridge br0, port up0; the other end is far0 in a namespace beyond, with 198.18.0.9."""
    far = OWN + "f"
    lines = f"""netns add {OWN}
        netns add {far}
        -n {OWN} link add br0 address 02:00:00:00:00:10 mtu 1500 type bridge
        -n {OWN} link add up0 address 02:00:00:00:00:11 type veth peer name far0 netns {far}
        -n {OWN} link set dev br0 addrgenmode none
        -n {OWN} link set dev up0 addrgenmode none
        -n {OWN} link set dev up0 master br0
        -n {OWN} link set dev up0 up
        -n {OWN} link set dev br0 up
        -n {OWN} address add 192.0.2.1/24 dev br0
        -n {far} link set dev far0 address 02:00:00:00:00:99
        -n {far} link set dev far0 up
        -n {far} address add 198.18.0.9/24 dev far0"""
    try:
        for line in lines.splitlines():
            status, _output, errors = command("ip", *line.split())
            assert status == 0, (line, errors)
        while command("ip", "-n", OWN, "link", "show")[1].count("state UP") < 2:
            time.sleep(0.01)
        yield NodeHost(tmp_path)
    finally:
        for name in namespaces():
            if name in (OWN, far) or name.startswith(f"hnprobe-{NAME}"):
                command("ip", "netns", "del", name)


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers nobody is waited for."""
    monkeypatch.setattr(_arp, "GAP", 0.02)
    monkeypatch.setattr(_arp, "LONGEST", 0.08)


@pytest.fixture
def patience(haste: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has an address may take longer than the module gives: the machine that tests is busy."""
    monkeypatch.setattr(_arp, "GAP", 1)
    monkeypatch.setattr(_arp, "LONGEST", 4)


def namespaces() -> list[str]:
    return sorted(path.name for path in pathlib.Path("/run/netns").iterdir())


def look(host: NodeHost) -> dict[str, Any]:
    """All of the node that an endpoint could have touched."""
    commands = ("link", "address", "route show table all", "rule")
    shown = {line: host.inside(["ip", "-o", *line.split()], "")[1].splitlines() for line in commands}
    names = [name for name in namespaces() if name.startswith((OWN, f"hnprobe-{NAME}"))]
    return {
        **shown,
        "namespaces": names,
        "files": [path.name for path in pathlib.Path(host.store.folder).parent.glob("probe*")],
    }


def item(key: str = "a", address: str = "198.18.0.1/24", **more: Any) -> dict[str, Any]:
    return {"key": key, "bridge": "br0", "vlan_id": 1, "address": address, **more}


def make(host: NodeHost, *items: dict[str, Any], check: bool = False, lifetime: int = 600) -> Outcome:
    return present(host, NAME, lifetime, items or [item()], check)


def ping(key: str, target: str, size: int = 56) -> bool:
    """Whether packets of that many bytes pass unfragmented; tried a few times, since nothing here is timed."""
    body = bytes([8, 0, 0, 0, 0x4E, 0x50, 0, 1]) + bytes(size - 28)
    total = sum(struct.unpack(f"!{len(body) // 2}H", body[: len(body) // 2 * 2]))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    packet = body[:2] + struct.pack("!H", ~total & 0xFFFF) + body[4:]
    with _inside.inside(f"/run/netns/{namespace_of(NAME, key)}"):
        wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    with wire:
        wire.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        wire.settimeout(1)
        for _ in range(3):
            with contextlib.suppress(OSError):
                wire.sendto(packet, (target, 0))
                while True:
                    answer = wire.recv(65535)
                    if answer[20:21] == b"\0" and answer[24:28] == body[4:8]:
                        return True
    return False


def test_made_and_removed_without_a_trace(host: NodeHost) -> None:
    before = look(host)
    made = make(host, item(), item("b", "198.18.0.2/24", mtu=1400, uplink="up0"))
    assert made.changed
    assert made.endpoints == tuple(
        {
            "key": key,
            "namespace": namespace_of(NAME, key),
            "device": "eth0",
            "address": address,
            "mtu": mtu,
            "made": [f"network namespace {namespace_of(NAME, key)}", f"veth {veth_of(NAME, key)} on br0"],
        }
        for key, address, mtu in (("a", "198.18.0.1", 1500), ("b", "198.18.0.2", 1400))
    )
    assert made.expires is not None and abs(made.expires - time.time() - 600) < 60
    assert ping("a", "198.18.0.9", 1500)
    assert ping("a", "198.18.0.2", 1400)
    assert not ping("b", "198.18.0.1", 1401), "beyond the endpoint's MTU"
    after = look(host)
    # The kernel's own entry of every IPv6 device aside, as the veth of a VM or a pod has it.
    routes = [line for line in after["route show table all"] if not line.startswith("multicast ff00::/8")]
    assert routes == [line for line in before["route show table all"] if not line.startswith("multicast ff00::/8")]
    assert after["address"] == before["address"], "the host ends have no address, IPv6's own included"
    assert len(after["link"]) == len(before["link"]) + 2
    assert "mtu 1500" in next(line for line in after["link"] if " br0:" in line)
    assert "02:00:00:00:00:10" in next(line for line in after["link"] if " br0:" in line)

    removed = absent(host, NAME, False)
    assert (removed.changed, sorted(removed.removed)) == (
        True,
        sorted(text for shown in made.endpoints for text in shown["made"]),
    )
    assert look(host) == before
    assert absent(host, NAME, False) == Outcome(False)


def test_the_timer_stands_before_anything_is_made(host: NodeHost) -> None:
    make(host)
    unit = f"harvester-network-probe-{NAME}"
    assert host.systemd == [
        ["systemctl", "stop", unit + ".timer", unit + ".service"],
        [
            "systemd-run",
            "--quiet",
            "--collect",
            "--unit=" + unit,
            "--on-active=600s",
            "--timer-property=AccuracySec=1s",
            "--property=UMask=0077",
            "--setenv=LC_ALL=C",
            "--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "/bin/sh",
            f"{host.store.folder}/{NAME}.sh",
            host.store.folder,
            NAME,
        ],
    ]


def test_what_the_timer_runs_leaves_nothing(host: NodeHost) -> None:
    before = look(host)
    make(host, item(), item("b", "198.18.0.2/24"))
    start = host.systemd[-1].index("/bin/sh")
    status, output, errors = host.inside(host.systemd[-1][start:], "")
    assert (status, errors, len(output.splitlines())) == (0, "", 4)
    assert look(host) == before
    assert absent(host, NAME, False) == Outcome(False)


def test_a_timer_that_systemd_refuses_makes_nothing(host: NodeHost) -> None:
    before = look(host)
    host.refuse_timer = True
    with pytest.raises(NetworkError) as caught:
        make(host)
    assert str(caught.value) == ("systemd-run: exit status 1 (Failed to start transient timer unit); nothing was made")
    assert look(host) == before


def test_a_second_call_changes_nothing(host: NodeHost) -> None:
    first = make(host)
    host.systemd.clear()
    second = make(host)
    assert (second.changed, second.endpoints, second.expires) == (False, first.endpoints, first.expires)
    assert host.systemd == []


def test_an_old_timer_starts_anew(host: NodeHost) -> None:
    first = make(host)
    host.systemd.clear()
    host.later = 301
    assert first.expires is not None
    checked = make(host, check=True)
    assert (checked.changed, checked.rearmed, host.systemd) == (True, True, [])
    second = make(host)
    assert (second.changed, second.rearmed, second.endpoints) == (True, True, first.endpoints)
    assert second.expires is not None and second.expires >= first.expires + 300
    assert [argv[0] for argv in host.systemd] == ["systemctl", "systemd-run"]
    assert not make(host).changed


def test_a_timer_that_cannot_start_anew_removes_everything(host: NodeHost) -> None:
    before = look(host)
    make(host)
    host.later, host.refuse_timer = 301, True
    with pytest.raises(NetworkError) as caught:
        make(host)
    assert str(caught.value) == (
        "systemd-run: exit status 1 (Failed to start transient timer unit); everything that was made was removed again"
    )
    assert look(host) == before


def test_check_mode_says_the_same_and_makes_nothing(host: NodeHost) -> None:
    before = look(host)
    checked = make(host, check=True)
    assert look(host) == before
    assert host.systemd == []
    made = make(host)
    assert (checked.changed, checked.endpoints, checked.after) == (True, made.endpoints, made.after)
    there = look(host)
    gone = absent(host, NAME, True)
    assert look(host) == there
    assert gone.removed == absent(host, NAME, False).removed
    assert absent(host, NAME, True) == Outcome(False)


def test_an_address_that_answers_is_refused(host: NodeHost, patience: None) -> None:
    before = look(host)
    with pytest.raises(NetworkError) as caught:
        make(host, item(), item("b", "198.18.0.9/24"))
    assert str(caught.value) == (
        "endpoint 'b': address=198.18.0.9/24: is used on VLAN 1 by 02:00:00:00:00:99; choose another subnet;"
        " 198.18.0.0/15 is reserved for measurements\neverything that was made was removed again"
    )
    assert look(host) == before
    assert host.systemd[-1][:2] == ["systemctl", "stop"]


def test_another_that_probes_for_the_address_at_the_same_time_is_seen(host: NodeHost, patience: None) -> None:
    """Two nodes that were given one address by mistake."""
    rival = _inside.packet_socket(f"/run/netns/{OWN}f", "far0", _arp.ETHERTYPE)
    frame = _arp.build(_arp.Packet(_arp.REQUEST, bytes.fromhex("020000000077"), "0.0.0.0", "198.18.0.1"))
    over = threading.Event()

    def probe() -> None:
        while not over.wait(0.05):
            rival.send(frame)

    thread = threading.Thread(target=probe)
    with rival:
        thread.start()
        try:
            with pytest.raises(NetworkError, match="is used on VLAN 1 by 02:00:00:00:00:77"):
                make(host)
        finally:
            over.set()
            thread.join()


def test_the_address_is_announced(host: NodeHost) -> None:
    with _inside.packet_socket(f"/run/netns/{OWN}f", "far0", _arp.ETHERTYPE) as far:
        make(host)
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(_arp.parse(far.recv(2048)))
    seen = [(packet.sender, packet.target) for packet in found if packet]
    assert seen.count(("0.0.0.0", "198.18.0.1")) == 3
    assert seen[-1] == ("198.18.0.1", "198.18.0.1")


@pytest.mark.parametrize(
    ("refuse", "program"),
    [
        (f"link set dev {veth_of(NAME, 'b')} master br0", "ip"),
        (f"link set dev {veth_of(NAME, 'b')} up", "ip"),
        ("link set dev lo up", f"ip -n {namespace_of(NAME, 'a')}"),
        ("route add 203.0.113.0/24 via 198.18.0.8", f"ip -n {namespace_of(NAME, 'a')}"),
    ],
    # the names have this process's id in them, and all workers must collect the same
    ids=["port", "up", "loopback", "route"],
)
def test_a_step_that_fails_is_undone(host: NodeHost, refuse: str, program: str) -> None:
    before = look(host)
    host.refuse = refuse
    with pytest.raises(NetworkError) as caught:
        make(host, item(routes=[{"to": "203.0.113.0/24", "via": "198.18.0.8"}]), item("b", "198.18.0.2/24"))
    assert str(caught.value) == (
        f'{program} {refuse}: exit status 1 (Cannot find device "nosuch")\neverything that was made was removed again'
    )
    assert look(host) == before


def test_a_module_that_died_half_way_leaves_what_the_next_call_clears(host: NodeHost) -> None:
    before = look(host)
    make(host, item(), item("b", "198.18.0.2/24"))
    record = host.store.load(NAME)
    assert record
    host.store.write(record._replace(ready=False))
    host.inside(["ip", "link", "del", veth_of(NAME, "b")], "")
    pathlib.Path(host.store.path(NAME, ".sh")).unlink()
    assert make(host, item(), item("b", "198.18.0.2/24"), check=True).removed == (
        f"veth {veth_of(NAME, 'a')} on br0",
        f"network namespace {namespace_of(NAME, 'a')}",
        f"network namespace {namespace_of(NAME, 'b')}",
    )
    again = make(host, item(), item("b", "198.18.0.2/24"))
    assert (again.changed, len(again.removed)) == (True, 3)
    assert ping("a", "198.18.0.2")
    pathlib.Path(host.store.path(NAME, ".list")).unlink()
    pathlib.Path(host.store.path(NAME, ".sh")).unlink()
    assert len(absent(host, NAME, False).removed) == 4
    assert look(host) == before


@pytest.mark.parametrize(
    "damage",
    [
        ["ip", "link", "set", veth_of(NAME, "a"), "down"],
        ["ip", "link", "set", veth_of(NAME, "a"), "nomaster"],
        ["ip", "link", "set", "br0", "mtu", "1400"],
        ["ip", "link", "del", veth_of(NAME, "a")],
        ["ip", "-n", namespace_of(NAME, "a"), "address", "flush", "dev", "eth0"],
        ["ip", "netns", "del", namespace_of(NAME, "a")],
    ],
    ids=["down", "no port", "mtu", "no veth", "no address", "no namespace"],
)
def test_what_is_not_whole_any_more_is_made_anew(host: NodeHost, damage: list[str]) -> None:
    make(host)
    assert host.inside(damage, "")[0] == 0
    again = make(host)
    assert (again.changed, again.rearmed) == (True, False)
    assert ping("a", "198.18.0.9")
    assert not make(host).changed


def test_an_expired_record_gives_way(host: NodeHost) -> None:
    make(host)
    host.later = 601
    other = make(host, item("b", "198.18.0.2/24"))
    assert (other.changed, [shown["key"] for shown in other.endpoints], len(other.removed)) == (True, ["b"], 2)


def test_a_lifetime_that_is_over_before_all_is_made(host: NodeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    before = look(host)

    def late(_claims: Sequence[_arp.Claim]) -> dict[str, str]:
        # What the timer would do now.
        host.inside(host.program(NAME), "")
        return {}

    monkeypatch.setattr(_arp, "find_users", late)
    with pytest.raises(NetworkError) as caught:
        make(host)
    assert str(caught.value).endswith("everything that was made was removed again")
    assert look(host) == before


def test_a_name_that_is_there_with_other_endpoints_is_refused(host: NodeHost) -> None:
    make(host)
    with pytest.raises(ValidationError) as caught:
        make(host, item("b", "198.18.0.2/24"))
    assert str(caught.value) == (
        f"probe '{NAME}': is there already with other endpoints: a; remove it with state=absent, or use another name"
    )


def test_the_nodes_own_devices_are_told_and_not_touched(host: NodeHost) -> None:
    before = look(host)
    found = make(host, {"key": "own", "device": "br0"})
    assert found == Outcome(
        False, ({"key": "own", "namespace": None, "device": "br0", "address": "192.0.2.1", "mtu": 1500, "made": []},)
    )
    assert look(host) == before
    both = make(host, {"key": "own", "device": "br0"}, item())
    assert [shown["device"] for shown in both.endpoints] == ["eth0", "br0"]
    assert not make(host, {"key": "own", "device": "br0"}, item()).changed


def test_routes_lead_out_of_the_namespace(host: NodeHost) -> None:
    make(host, item(routes=[{"to": "203.0.113.0/24", "via": "198.18.0.9"}]))
    _status, output, _errors = command("ip", "-n", namespace_of(NAME, "a"), "route", "get", "203.0.113.7")
    assert "via 198.18.0.9 dev eth0 src 198.18.0.1" in output


def test_two_probes_side_by_side(host: NodeHost) -> None:
    other = NAME + "-2"
    before = look(host)
    make(host)
    one = look(host)
    present(host, other, 600, [item(address="198.18.0.2/24")], False)
    absent(host, other, False)
    assert look(host) == one
    absent(host, NAME, False)
    assert look(host) == before


def test_sixteen_endpoints_are_made_together(host: NodeHost) -> None:
    before = look(host)
    made = make(host, *(item(f"e{number}", f"198.18.1.{number}/24") for number in range(1, 17)))
    assert len(made.endpoints) == 16
    assert ping("e1", "198.18.1.16")
    absent(host, NAME, False)
    assert look(host) == before


def test_a_namespace_that_is_none_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(NetworkError, match="No such file or directory"), _inside.inside(str(tmp_path / "none")):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(NetworkError, match="Invalid argument"), _inside.inside(str(tmp_path / "file")):
        pass
    assert _inside.look(str(tmp_path / "file"), "lo") is None


def own_namespace() -> str:
    return str(pathlib.Path("/proc/thread-self/ns/net").readlink())


def test_after_an_error_inside_the_way_leads_back(host: NodeHost) -> None:
    own = own_namespace()
    with pytest.raises(ZeroDivisionError), _inside.inside(f"/run/netns/{OWN}"):
        assert own_namespace() != own
        raise ZeroDivisionError
    assert own_namespace() == own
    with pytest.raises(NetworkError, match=r"^nosuch in network namespace /run/netns/hnt\d+: No such device$"):
        _inside.packet_socket(f"/run/netns/{OWN}", "nosuch", _arp.ETHERTYPE)
    assert own_namespace() == own
