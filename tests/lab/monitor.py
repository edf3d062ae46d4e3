# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU's human monitor on a Unix socket."""

from __future__ import annotations

import pathlib
import socket

from lab.errors import LabError

PROMPT = b"(qemu) "


def command(folder: pathlib.Path, line: str, timeout: float = 60) -> str:
    """Run one monitor command and return what it printed. Raises LabError when it printed an error."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(folder / "monitor"))
        _until_prompt(connection)
        connection.sendall(line.encode() + b"\n")
        text = _until_prompt(connection)
    # The monitor echoes what is typed, with terminal escapes, up to the first line end.
    answer = text.partition("\n")[2].removesuffix(PROMPT.decode()).strip()
    if answer.startswith(("Error", "Could not", "unknown command")) or "does not exist" in answer:
        raise LabError(f"{folder.name}: {line}: {answer}")
    return answer


def _until_prompt(connection: socket.socket) -> str:
    data = b""
    while not data.endswith(PROMPT):
        part = connection.recv(65536)
        if not part:
            raise LabError("QEMU closed its monitor")
        data += part
    return data.decode(errors="replace")
