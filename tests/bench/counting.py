# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes and D-Bus method calls of a run, really counted, in a run that is not timed.

Each program is covered by a small script (a bind mount over the program itself, so that no PATH leads around it) that
notes the call and its duration; `busctl monitor` notes the method calls to NetworkManager.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.nodes import Nodes

PROGRAMS = ("nmcli", "ip", "bridge", "busctl", "systemd-run", "systemctl")
FOLDER = "/var/tmp/harvester-network-bench"
MONITOR = "harvester-network-bench-monitor"
SERVICE = "org.freedesktop.NetworkManager"
DBUS = "org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus"

START = """
mkdir -p {folder}/real && chmod 0700 {folder} && cd {folder} && : > calls && : > bus
owner=$(busctl --json=short call {dbus} GetNameOwner s {service} | sed 's/.*\\["//; s/".*//')
systemd-run --quiet --collect --unit={monitor} -p StandardOutput=append:{folder}/bus busctl monitor --json=short \
  --match="type='method_call',destination='{service}'" --match="type='method_call',destination='$owner'"
i=0; until [ -s bus ]; do
  i=$((i+1)); [ $i -lt 60 ] || {{ echo "the monitor shows no call" >&2; exit 1; }}
  busctl call {service} /org/freedesktop/NetworkManager org.freedesktop.DBus.Peer Ping; sleep 0.2
done
for name in {programs}; do
  path=$(readlink -f "$(command -v $name)") || continue
  cp "$path" real/$name
  cat > $name <<EOF
#!/bin/sh
start=\\$(date +%s%N)
{folder}/real/$name "\\$@"
status=\\$?
echo "\\$start \\$(date +%s%N) $name \\$*" >> {folder}/calls
exit \\$status
EOF
  chmod 0755 $name
  mount --bind $name "$path"
done
: > bus
"""

STOP = """
for name in {programs}; do
  path=$(readlink -f "$(command -v $name)")
  while mountpoint -q "$path"; do umount "$path" || exit 1; done
done
systemctl stop {monitor}.service 2>/dev/null
{report}
rm -rf {folder}
"""

# a message that both rules match is written once; each line is one message
REPORT = """
if [ -d {folder} ]; then
  cat {folder}/calls; echo =====
  grep -o '"interface":"[^"]*","member":"[^"]*"' {folder}/bus | sort | uniq -c
fi
"""


@dataclass
class Counts:
    """What one node did during one play."""

    processes: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    bus: dict[str, int] = field(default_factory=dict)

    @property
    def bus_calls(self) -> int:
        return sum(self.bus.values())


@contextlib.contextmanager
def counting(nodes: Nodes) -> Iterator[dict[str, Counts]]:
    """Count what happens on the nodes inside the block; the dict is filled when it ends."""
    found: dict[str, Counts] = {}
    words = {"folder": FOLDER, "monitor": MONITOR, "programs": " ".join(PROGRAMS), "service": SERVICE, "dbus": DBUS}
    stop = STOP.format(report=REPORT.format(folder=FOLDER), **words)
    nodes.everywhere(STOP.format(report="", **words))
    try:
        nodes.everywhere(START.format(**words))
        yield found
    finally:
        for name, text in nodes.everywhere(stop).items():
            found[name] = parse(text)


def parse(text: str) -> Counts:
    """Counts out of the report of one node."""
    counts = Counts()
    calls, _line, bus = text.partition("=====\n")
    for line in calls.splitlines():
        _start, _end, name, *arguments = line.split(" ")
        counts.processes[name] += 1
        counts.calls.append(" ".join([name, *arguments]))
    for line in bus.splitlines():
        number, words = line.split(None, 1)
        message = json.loads("{%s}" % words)
        counts.bus["%s.%s" % (message["interface"], message["member"])] = int(number)
    return counts
