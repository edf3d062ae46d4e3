# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof on the wire: endpoints in network namespaces of one node, and the playbook over all nodes.

The endpoints hang on a bridge of their own, so that only the proof is timed and no real network is touched.
"""

from __future__ import annotations

from typing import Any

from bench.sets import Target

SIZES = (2, 4, 8, 16)
PREFIX, SWITCH = "bench-end-", "bench-sw"
MTU = 9000

MAKE = """
ip link add {switch} mtu {mtu} type bridge && ip link set {switch} up || exit 1
number=1
while [ $number -le {count} ]; do
  ip netns add {prefix}$number &&
  ip link add bench-v$number mtu {mtu} type veth peer name eth0 mtu {mtu} netns {prefix}$number &&
  ip link set bench-v$number master {switch} up &&
  ip -n {prefix}$number addr add 198.19.0.$number/24 dev eth0 &&
  ip -n {prefix}$number link set eth0 up || exit 1
  number=$((number+1))
done
"""

DELETE = """
for name in $(ip netns list | sed -n 's/^\\({prefix}[0-9]*\\).*/\\1/p'); do ip netns delete "$name"; done
ip link delete {switch} 2>/dev/null || true
"""


def make(count: int) -> str:
    """Script that makes the endpoints of a node, which runs as root."""
    return MAKE.format(count=count, prefix=PREFIX, switch=SWITCH, mtu=MTU)


def delete() -> str:
    """Script that removes them again; safe to repeat. A namespace takes its veth along, and that its other end."""
    return DELETE.format(prefix=PREFIX, switch=SWITCH)


def all_pairs(target: Target, count: int) -> list[dict[str, Any]]:
    """Every endpoint to every other one, on the first node only; options of the module `path_mtu`."""
    if target.index != 1:
        return []
    numbers = range(1, count + 1)
    return [
        {"namespace": "%s%d" % (PREFIX, source), "peer": "198.19.0.%d" % peer, "mtu": MTU}
        for source in numbers
        for peer in numbers
        if source != peer
    ]
