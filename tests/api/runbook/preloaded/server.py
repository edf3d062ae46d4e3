# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules in forks of one process, which has imported the Kubernetes client and keeps what was compiled.

A module's imports are nine tenths of its time, and its archive is compiled anew, twice, by each call. Nothing of
Ansible and nothing of the collection is imported here, so that a fork runs what the module brought along.

Usage: server.py FOLDER, with a pipe as standard input: when that is closed, it ends and removes the folder, where its
socket and what was compiled are. `sitecustomize` is the other end.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import marshal
import os
import select
import shutil
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

import kubernetes.client
import kubernetes.config
import kubernetes.dynamic
import urllib3
import yaml

PRELOADED = (kubernetes.client, kubernetes.config, kubernetes.dynamic, urllib3, yaml)
MAX_REQUEST = 1 << 17


def serve(path: Path) -> dict[str, Any] | None:
    """Wait for callers. In the fork that is to run a module: what the caller is. None: the pipe was closed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        new = path.with_suffix(".new")
        listener.bind(str(new))
        listener.listen(64)
        new.rename(path)
        # the forks that wait for modules are reaped by the kernel
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            ready, _writable, _failed = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return None
            connection, _address = listener.accept()
            with connection:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listener.close()
                    caller = answer(connection)
                    if caller is not None:
                        return caller
                    os._exit(0)


def answer(connection: socket.socket) -> dict[str, Any] | None:
    """In the fork that runs the module: the caller. In the one that waits for it: None, once the status is sent."""
    data, files, _flags, _address = socket.recv_fds(connection, MAX_REQUEST, 3)
    module = os.fork()
    if module == 0:
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        caller: dict[str, Any] = json.loads(data)
        return caller
    _pid, status = os.waitpid(module, 0)
    connection.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())
    return None


def keep_compiled(folder: Path) -> None:
    """Let zipimport find what was compiled before, by the source and its place in the archive."""
    plain = builtins.compile

    def kept(source: Any, filename: Any, mode: str, *arguments: Any, **options: Any) -> Any:
        _archive, inside, place = str(filename).partition(".zip/")
        if not inside or not isinstance(source, bytes) or mode != "exec":
            return plain(source, filename, mode, *arguments, **options)
        path = folder / hashlib.sha256(place.encode() + b"\0" + source).hexdigest()
        try:
            return marshal.loads(path.read_bytes())
        except OSError:
            code = plain(source, filename, mode, *arguments, **options)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_bytes(marshal.dumps(code))
        new.rename(path)
        return code

    builtins.compile = kept


def run(caller: dict[str, Any]) -> None:
    """Run the program on standard input as the caller would."""
    os.chdir(caller["directory"])
    os.environ.clear()
    os.environ.update(caller["environment"])
    sys.argv[:], sys.path[:] = [""], caller["path"]
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    exec(compile(sys.stdin.read(), "<stdin>", "exec"), main.__dict__)


def main(folder: Path) -> None:
    found = serve(folder / "socket")
    if found is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    keep_compiled(folder)
    run(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
