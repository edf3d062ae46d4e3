# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way into the lab's network namespace from any shell: bytes passed on between two sockets.

A socket with a path belongs to no network namespace. So one process inside connects such sockets to the API and to
etcd, and one outside listens on a loopback port and connects to the first. Run as::

    python -m lab.apiserver.forward FROM=TO [FROM=TO ...] [--until PID] [--pid-file FILE] [--port-file FILE]

FROM and TO are HOST:PORT or a path. ``--until``: end when that process ends, however it ends. ``--port-file``: where
the port of the first FROM is written once all FROMs listen (port 0 takes a free one); ``--pid-file`` is there by then.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

_CHUNK = 65536

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def split(address: str) -> tuple[str, int] | str:
    """HOST:PORT as a pair, a path as it is. Raises ValueError for anything else."""
    if "/" in address:
        return address
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{address!r} is neither HOST:PORT nor a path")
    return host, int(port)


async def listen(address: str, handler: Handler) -> asyncio.Server:
    found = split(address)
    if isinstance(found, str):
        Path(found).unlink(missing_ok=True)
        server = await asyncio.start_unix_server(handler, found)
        Path(found).chmod(0o600)
        return server
    return await asyncio.start_server(handler, *found)


async def connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    found = split(address)
    if isinstance(found, str):
        return await asyncio.open_unix_connection(found)
    return await asyncio.open_connection(*found)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until the end of the stream, and the end too."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def passing_on(address: str) -> Handler:
    """A handler that connects each connection with ``address``; one that cannot be connected is closed."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await connect(address)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(copy(reader, other_writer), copy(other_reader, writer))
        finally:
            for end in (writer, other_writer):
                end.close()

    return handle


async def serve(pairs: list[tuple[str, str]], until: int | None, pid_file: Path | None, port_file: Path | None) -> None:
    """Listen on the first of each pair, pass on to the second, until the process ``until`` ends."""
    servers = [await listen(source, passing_on(target)) for source, target in pairs]
    if pid_file:
        pid_file.write_text(f"{os.getpid()}\n")
    if port_file:
        port = servers[0].sockets[0].getsockname()[1]
        work = port_file.with_suffix(".new")
        work.write_text(f"{port}\n")
        work.replace(port_file)
    ended = asyncio.Event()
    if until is not None:
        # readable once the process has ended, whoever owns it
        asyncio.get_running_loop().add_reader(os.pidfd_open(until), ended.set)
    await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lab.apiserver.forward")
    parser.add_argument("pairs", nargs="+", metavar="FROM=TO")
    parser.add_argument("--until", type=int, metavar="PID")
    parser.add_argument("--pid-file", type=Path, metavar="FILE")
    parser.add_argument("--port-file", type=Path, metavar="FILE")
    args = parser.parse_args()
    pairs = [tuple(pair.split("=", 1)) for pair in args.pairs]
    # what is open when it ends is cut off: asyncio.run cancels the handlers
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(pairs, args.until, args.pid_file, args.port_file))


if __name__ == "__main__":
    main()
