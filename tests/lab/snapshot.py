# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of all nodes: taken and brought back in place by QEMU, and kept in the cache for a quick next start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from .config import cache_root
from .host import LabError, lock, run
from .node import Node
from .qemu import Monitor

BASE = "base"
"""Taken by ``up`` once everything runs; what ``restore`` brings back by default."""
KEPT_STATES = 4

T = TypeVar("T")


def on_each(nodes: Sequence[Node], work: Callable[[Node], T]) -> list[T]:
    """Do the same on all nodes at once. The first failure is raised once all have ended."""
    with ThreadPoolExecutor(max(1, len(nodes))) as pool:
        futures = [pool.submit(work, node) for node in nodes]
    return [future.result() for future in futures]


def save(nodes: Sequence[Node], name: str) -> None:
    """Take a snapshot (memory, devices, disk) of every node under ``name``, replacing one of that name."""

    def one(node: Node) -> None:
        with Monitor(node.directory) as monitor:
            said = monitor.human(f"savevm {name}").strip()
        if said:
            raise LabError(f"{node.name}: savevm {name}: {said}")

    on_each(nodes, one)


def names(node: Node) -> list[str]:
    """Names of the node's snapshots."""
    shown = run(["qemu-img", "info", "-U", "--output=json", node.directory / "disk.qcow2"]).stdout
    return [entry["name"] for entry in json.loads(shown).get("snapshots", [])]


def load(nodes: Sequence[Node], name: str) -> None:
    """Bring every node back to the snapshot ``name``, in a fresh QEMU.

    Not in place: QEMU's guard against a time stamp counter that goes backwards would let the guest's run on,
    and the guest finds itself minutes later.
    """

    def one(node: Node) -> None:
        node.close()
        there = names(node)
        if name not in there:
            raise LabError(f"{node.name}: no snapshot {name!r}. Snapshots it has: {', '.join(there) or 'none'}.")
        if not node.is_off():
            (node.directory / "loadvm").write_text(name)
            before = node.qemu_pid()
            # a reboot under way: QEMU ends by itself and a fresh one comes, from the snapshot too
            with contextlib.suppress(LabError), Monitor(node.directory) as monitor:
                monitor.command("quit")
            end = time.monotonic() + 20
            while node.qemu_pid() in (None, before) and not node.is_off() and time.monotonic() < end:
                time.sleep(0.02)
        if node.is_off():
            # it was off, or was ended so soon after its start that the supervisor takes it for one that cannot start
            node.power_on(snapshot=name)
        # the process is there before its socket, long before on a busy machine, and callers pull cables next
        end = time.monotonic() + 20
        while not _answers(node) and time.monotonic() < end:
            time.sleep(0.02)

    on_each(nodes, one)


def _answers(node: Node) -> bool:
    try:
        with Monitor(node.directory):
            return True
    except LabError:
        return False


def set_clocks(nodes: Sequence[Node], timeout: float = 120.0) -> None:
    """Wait for ssh and give the nodes the present time, which a restored memory does not know."""

    def one(node: Node) -> None:
        node.wait(timeout)
        node.run(f"date -u -s @{time.time():.2f} >/dev/null")

    on_each(nodes, one)


def close_ansible_connections(lab_name: str) -> None:
    """End Ansible's lasting ssh connections of this lab: after a restore the nodes know nothing of them."""
    folder = cache_root() / "cp" / lab_name
    for path in folder.glob("*") if folder.is_dir() else ():
        subprocess.run(["ssh", "-O", "exit", "-o", f"ControlPath={path}", "lab"], capture_output=True, check=False)
        with contextlib.suppress(OSError):
            path.unlink()


# --- kept states: a second `up` starts from the first one's snapshot instead of booting


def state_key(parts: Sequence[object]) -> str:
    """Hash of all that a saved state depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def kept(key: str, nodes: Sequence[str]) -> Path | None:
    """The cache's folder of the state, None when it has none for all these nodes."""
    folder = cache_root() / "state" / key
    return folder if all((folder / f"{name}.qcow2").exists() for name in nodes) else None


def keep(nodes: Sequence[Node], key: str) -> None:
    """Copy the nodes' disks with their snapshot into the cache, the nodes halted meanwhile; drops the oldest states."""
    root = cache_root() / "state"
    with lock(root / "lock"):
        work = root / f"{key}.new"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)

        def one(node: Node) -> None:
            with Monitor(node.directory) as monitor:
                monitor.command("stop")  # flushes the disk's tables to the file
                try:
                    copy_disk(node.directory / "disk.qcow2", work / f"{node.name}.qcow2")
                finally:
                    monitor.command("cont")

        on_each(nodes, one)
        shutil.rmtree(root / key, ignore_errors=True)
        work.rename(root / key)
        folders = sorted((path for path in root.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
        for path in folders[:-KEPT_STATES]:
            shutil.rmtree(path, ignore_errors=True)


def copy_disk(source: Path, target: Path) -> None:
    """Copy a disk, sharing blocks where the file system can."""
    run(["cp", "--reflink=auto", "--sparse=auto", source, target])
