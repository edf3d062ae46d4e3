# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarder between sockets with and without a path."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lab.apiserver import server
from lab.apiserver.forward import split

TESTS = Path(__file__).parents[3]


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Path]:
    """A server at a path that gives back what it gets, once the other side has ended its half."""
    path = tmp_path / "echo.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _peer = listening.accept()
                except OSError:
                    return
                # one that is cut off gets nothing
                with connection, suppress(OSError):
                    connection.sendall(read_all(connection))

        thread = threading.Thread(target=serve)
        thread.start()
        yield path
        # shutdown, not close: it wakes the thread
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def one(*words: str) -> subprocess.Popen[bytes]:
        # A socket is there before it listens; the pid file comes later.
        pid_file = tmp_path / f"{len(started)}.pid"
        argv = [sys.executable, "-m", server.FORWARD, *words, "--pid-file", str(pid_file)]
        started.append(subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": str(TESTS)}, cwd=tmp_path))
        until(pid_file.exists)
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.wait(10)


def ask(address: str | tuple[str, int], data: bytes) -> bytes:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(20)
        connection.connect(address)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def test_bytes_pass_both_ways_through_two_forwarders(
    tmp_path: Path, echo: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start(f"{tmp_path}/inner.sock={echo}")
    start(f"127.0.0.1:0={tmp_path}/inner.sock", "--port-file", f"{tmp_path}/port")
    until((tmp_path / "port").exists)
    port = int((tmp_path / "port").read_text())
    data = os.urandom(1_000_000)
    for _time in range(3):
        assert ask(("127.0.0.1", port), data) == data
    assert oct((tmp_path / "inner.sock").stat().st_mode)[-3:] == "600"


def test_a_target_that_is_down_closes_the_connection(
    tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start(f"{tmp_path}/a.sock={tmp_path}/none.sock")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(f"{tmp_path}/a.sock")
        assert connection.recv(1) == b""


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_it_ends_with_the_process_that_it_is_told(
    tmp_path: Path, echo: Path, start: Callable[..., subprocess.Popen[bytes]], how: str
) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        forwarder = start(f"{tmp_path}/a.sock={echo}", "--until", str(other.pid))
        # an open connection does not hold it
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{tmp_path}/a.sock")
            assert forwarder.poll() is None
            getattr(other, how)()
            other.wait(10)
            assert forwarder.wait(10) == 0


@pytest.mark.parametrize(
    ("address", "found"),
    [("127.0.0.1:6443", ("127.0.0.1", 6443)), ("/run/a.sock", "/run/a.sock"), ("./a:1", "./a:1")],
)
def test_addresses(address: str, found: tuple[str, int] | str) -> None:
    assert split(address) == found


@pytest.mark.parametrize("address", ["6443", "host:", ":6443", "host:port", ""])
def test_what_is_no_address_is_named(address: str) -> None:
    with pytest.raises(ValueError) as error:
        split(address)
    assert str(error.value) == f"{address!r} is neither HOST:PORT nor a path"
