# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs of devices that no profile owns, set in the kernel. This module util is private to the collection.

Such devices are flannel's VXLAN device and the VLAN devices of host network configurations. Their makers read the MTU
of the device below when they make them, and never again (flannel issue 1011, Harvester issue 11697); so the kernel is
set, and the next boot comes to the same.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from ..common._errors import NetworkError, Problem, ValidationError
from ..common._mtu import MAXIMUM, MINIMUM

Run = Callable[[Sequence[str]], Tuple[int, str, str]]
SYSFS = "/sys/class/net"
OVERHEAD = 50
"""Bytes that VXLAN takes: a device of this kind may be that much below the smallest MTU."""


def plan(links: Sequence[Mapping[str, Any]], sysfs: str = SYSFS) -> List[Dict[str, Any]]:
    """What becomes of each device: name, before, after (bytes).

    links: name and mtu. Raises ValidationError with every problem.
    """
    found: List[Dict[str, Any]] = []
    problems: List[Problem] = []
    for link in links:
        name, mtu = link["name"], link["mtu"]
        where = "device '%s'" % name
        now = mtu_of(name, sysfs)
        if not MINIMUM - OVERHEAD <= mtu <= MAXIMUM:
            rule = "the MTU must be within %d..%d bytes" % (MINIMUM - OVERHEAD, MAXIMUM)
            problems.append(Problem(where, "mtu", mtu, rule))
        elif now is None:
            problems.append(Problem(where, "", None, "the node has no such device", "leave it out"))
        else:
            found.append({"name": name, "before": now, "after": mtu})
    if problems:
        raise ValidationError(problems)
    return found


def apply(planned: Sequence[Mapping[str, Any]], run: Run, sysfs: str = SYSFS) -> None:
    """Set what differs, and read it back. Raises NetworkError."""
    for link in planned:
        if link["before"] == link["after"]:
            continue
        argv = ["ip", "link", "set", "dev", link["name"], "mtu", str(link["after"])]
        status, output, errors = run(argv)
        now = mtu_of(link["name"], sysfs)
        if status != 0 or now != link["after"]:
            said = " ".join((errors.strip() or output.strip() or "no message").split())
            raise NetworkError(
                "device '%s': MTU %s instead of %d after '%s' (%s); see the MTU of the device below it"
                % (link["name"], now, link["after"], " ".join(argv), said)
            )


def mtu_of(name: str, sysfs: str = SYSFS) -> Any:
    """The kernel's MTU of a device in bytes; None when there is no such device."""
    try:
        with open(os.path.join(sysfs, name, "mtu"), encoding="ascii") as stream:
            return int(stream.read())
    except OSError:
        return None
