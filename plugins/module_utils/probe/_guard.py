# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a file of the kernel back, whatever becomes of this process. This module util is private to the collection.

Signals are turned into an exception, so that 'finally' runs; for the rest (kill -9, out of memory, a hang) a child
process waits at the other end of a pipe.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import Any, Iterator

from ..common._errors import NetworkError

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_DONE = b"d"


class Interrupted(NetworkError):
    """A signal asked this process to end."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within, a signal raises Interrupted; deaf() makes the rest of the block deaf to signals."""

    def stop(number: int, _frame: Any) -> None:
        raise Interrupted("interrupted by %s" % signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deaf() -> None:
    """From here on signals are passed over: what is being put back is put back whole."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Guard:
    """A child process that writes ``text`` to ``path`` when this process dies, or has not let go after ``seconds``."""

    def __init__(self, path: str, text: str, seconds: float) -> None:
        reader, self._writer = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            _watch(reader, path, text, seconds)
        os.close(reader)

    def release(self) -> None:
        """The file is as it was: end the child. Safe to call twice."""
        if self._writer < 0:
            return
        with contextlib.suppress(OSError):
            os.write(self._writer, _DONE)
        os.close(self._writer)
        self._writer = -1
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._child, 0)


def _watch(reader: int, path: str, text: str, seconds: float) -> None:
    """The child; never returns. It leaves the session, whose end may kill, and holds no file of its parent open."""
    try:
        os.setsid()
        deaf()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        os.closerange(3, reader)
        os.closerange(reader + 1, 4096)
        ready, _out, _bad = select.select([reader], [], [], seconds)
        if not ready or os.read(reader, 1) != _DONE:
            with open(path, "w", encoding="ascii") as stream:
                stream.write(text)
    finally:
        os._exit(0)
