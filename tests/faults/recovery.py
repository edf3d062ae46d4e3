# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a node was away, and the table of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lab import CommandError, Lab, LabError, Node

STATE = "cat /etc/NetworkManager/harvester-network-confirm/state 2>/dev/null || echo none"
LEFTOVERS = (
    "ls -d /etc/NetworkManager/harvester-network* /etc/systemd/system/harvester-network*"
    " /etc/systemd/system/multi-user.target.wants/harvester-network* /run/harvester-network*"
    " /etc/NetworkManager/system-connections/.*harvester* 2>/dev/null;"
    " systemctl list-units --all --plain --no-legend 'harvester-network*';"
    " busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager org.freedesktop.DBus.Properties Get ss"
    " org.freedesktop.NetworkManager Checkpoints | grep -v 'ao 0'; true"
)


@dataclass
class Recoveries:
    """Case, disturbance, seconds from the change to a reachable node that is as before, whether all bytes are equal."""

    rows: list[tuple[str, str, float, bool]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield "| case | disturbance | recovered after, s | profiles byte for byte |"
        yield "|---|---|---|---|"
        for case, disturbance, seconds, equal in self.rows:
            yield f"| {case} | {disturbance} | {seconds:.0f} | {'equal' if equal else 'DIFFERENT'} |"


def state(node: Node) -> str:
    """The checkpoint's state on the node; 'away' while it does not answer."""
    try:
        return node.output(STATE, timeout=20)
    except (CommandError, LabError):
        node.close()
        return "away"


def reachable(lab: Lab, node: Node) -> bool:
    """Whether the runner's side reaches the node over the management network."""
    said = lab.namespace.run(["ping", "-n", "-q", "-c", "1", "-W", "2", node.spec.mgmt_address], check=False)
    return " 1 received" in said


def wait_for(what: str, holds: Callable[[], bool], seconds: float) -> None:
    """Raises AssertionError when it does not hold in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)
