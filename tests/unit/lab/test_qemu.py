# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU's command line and monitor."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from lab import layout, qemu
from lab.host import LabError
from lab.image import Image


def argv(khz: int | None = None) -> list[str]:
    return qemu.argv(layout.node_spec("node3"), Image(Path("/cache/image/k")), khz)


def test_every_nic_has_its_tap_mac_and_no_control_vlan() -> None:
    words = argv()
    netdevs = [words[at + 1] for at, word in enumerate(words) if word == "-netdev"]
    nics = [word for word in words if word.startswith("virtio-net-pci,")]
    assert [text.split(",")[2] for text in netdevs] == [f"ifname=n3{port}" for port in ("oob", "u1", "u2", "u3", "u4")]
    assert [text.split("mac=")[1].split(",")[0] for text in nics] == [f"52:54:00:0b:03:{port:02x}" for port in range(5)]
    assert all(",ctrl_vlan=off," in text and ",host_tso4=off," in text for text in nics)


def test_memory_processor_and_reboot() -> None:
    words = argv()
    assert words[words.index("-m") + 1] == "512"
    assert words[words.index("-smp") + 1] == "1"
    assert "-no-reboot" in words
    assert "kvm" not in " ".join(words)


def test_the_clock_rate_is_told_when_known() -> None:
    def line(words: list[str]) -> str:
        return words[words.index("-append") + 1]

    assert "tsc_early_khz" not in line(argv())
    assert "tsc_early_khz=2600000 tsc=reliable" in line(argv(2600000))


class Qemu:
    """A QEMU that answers the greeting, then the given messages, one per request."""

    def __init__(self, directory: Path, answers: list[object]) -> None:
        self.requests: list[dict[str, object]] = []
        self._answers = answers
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(directory / "qmp"))
        self._server.listen(1)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._server.accept()
        with connection, connection.makefile("rw") as stream:
            stream.write('{"QMP": {}}\n')
            stream.flush()
            for answer in [{"return": {}}, *self._answers]:
                self.requests.append(json.loads(stream.readline()))
                stream.write(json.dumps({"event": "RTC_CHANGE"}) + "\n" + json.dumps(answer) + "\n")
                stream.flush()

    def end(self) -> None:
        self._thread.join(5)
        self._server.close()


def test_commands_skip_events_and_give_the_answer(tmp_path: Path) -> None:
    server = Qemu(tmp_path, [{"return": {}}, {"return": "no such snapshot\r\n"}])
    with qemu.Monitor(tmp_path) as monitor:
        monitor.set_link("u1", up=False)
        assert monitor.human("loadvm x") == "no such snapshot\r\n"
    server.end()
    assert server.requests == [
        {"execute": "qmp_capabilities"},
        {"execute": "set_link", "arguments": {"name": "u1", "up": False}},
        {"execute": "human-monitor-command", "arguments": {"command-line": "loadvm x"}},
    ]


def test_an_error_names_node_and_command(tmp_path: Path) -> None:
    folder = tmp_path / "node2"
    folder.mkdir()
    server = Qemu(folder, [{"error": {"desc": "Device 'u9' not found"}}])
    with qemu.Monitor(folder) as monitor, pytest.raises(LabError, match=r"node2: set_link: Device 'u9' not found"):
        monitor.set_link("u9", up=True)
    server.end()


def test_a_node_that_is_off_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"monitor does not answer .* the node is off"):
        qemu.Monitor(tmp_path)


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    with pytest.raises(LabError, match="the node is off"):
        qemu.Monitor(folder)
