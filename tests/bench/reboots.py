# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the playbook `reboot` lets pass between a node being healthy again and the next reboot.

Both moments are seen from outside: a session per node tells of its management address, and ends with the node.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from bench import BenchError
from bench.nodes import Nodes

DEVICE = "mgmt-br.2017"
LOOK = f'while sleep 0.3; do [ -z "$(ip -4 -br address show dev {DEVICE} scope global 2>/dev/null)" ] || echo up; done'
TIMEOUT = 1200


class Watch(threading.Thread):
    """One node. gone: when its session ended; healthy: when its address was first seen after that."""

    def __init__(self, ssh: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self._ssh = [*ssh[:1], "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2", *ssh[1:]]
        self._process: subprocess.Popen[str] | None = None
        self._over = threading.Event()
        self.seen = threading.Event()
        self.gone = self.healthy = 0.0

    def run(self) -> None:
        while not self._over.is_set():
            self._process = subprocess.Popen(
                self._ssh, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert self._process.stdin and self._process.stdout
            self._process.stdin.write(LOOK + "\n")
            self._process.stdin.close()
            for _line in self._process.stdout:
                self.seen.set()
                if self.gone and not self.healthy:
                    self.healthy = time.monotonic()
            if self.seen.is_set() and not self.gone:
                self.gone = time.monotonic()
            self._process.wait()
            time.sleep(0.2)

    def end(self) -> None:
        self._over.set()
        if self._process:
            self._process.kill()


def measure(nodes: Nodes, env: Mapping[str, str]) -> list[float]:
    """Reboot all nodes of a lab in order; seconds between each node and the next. Raises BenchError when that fails."""
    watches = [Watch(nodes.ssh(target.name)) for target in nodes.targets]
    for watch in watches:
        watch.start()
    if not all(watch.seen.wait(60) for watch in watches):
        raise BenchError("no address on %s was seen on every node" % DEVICE)
    given = json.dumps({"change_without_cluster": True, "change_reboot_all": True})
    try:
        done = subprocess.run(
            ["ansible-playbook", "-i", str(nodes.inventory), "harvester.network.reboot", "-e", given],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    finally:
        for watch in watches:
            watch.end()
    if done.returncode or not all(watch.gone and watch.healthy for watch in watches):
        raise BenchError("the playbook reboot failed (exit status %d):\n%s" % (done.returncode, done.stdout[-3000:]))
    turns = sorted((watch.gone, watch.healthy) for watch in watches)
    return [later[0] - earlier[1] for earlier, later in itertools.pairwise(turns)]
