# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader of the kernel's side of a node: links, addresses, VLAN tables, routes.

This module util is private to the collection. The seam to the host: a ``run`` callable that takes an argv and returns
(exit status, stdout, stderr), and files below ``root`` (sysfs, the boot id). Three processes, whatever the node has.
"""

from __future__ import annotations

import os
from typing import Callable, Dict, Sequence, Tuple

from ..common._errors import NetworkError
from . import _links_parse
from ._links_types import Snapshot

Run = Callable[[Sequence[str]], Tuple[int, str, str]]

ADDRESSES = ("ip", "-j", "-d", "addr", "show")
ROUTES = ("ip", "-j", "-d", "route", "show", "table", "all")
VLANS = ("bridge", "-j", "-compressvlans", "vlan", "show")


def read(run: Run, root: str = "/") -> Snapshot:
    """What the kernel has now. Raises NetworkError when ip or bridge fails or is too old."""
    links = _links_parse.links(_output(run, ADDRESSES))
    for name, link in links.items():
        if link.kind == "bond":
            links[name] = _links_parse.with_bond_files(link, _bond_files(root, name))
    return Snapshot(
        links=links,
        vlans=_links_parse.vlans(_output(run, VLANS)),
        routes=_links_parse.routes(_output(run, ROUTES)),
        boot_id=_text(os.path.join(root, "proc/sys/kernel/random/boot_id")),
    )


def _output(run: Run, argv: Sequence[str]) -> str:
    status, output, errors = run(argv)
    if status != 0:
        raise NetworkError(
            "%s: exit status %d (%s); the node needs iproute2 with ip and bridge, and root"
            % (" ".join(argv), status, errors.strip() or "no message")
        )
    return output


def _bond_files(root: str, bond: str) -> Dict[str, str]:
    folder = os.path.join(root, "sys/class/net", bond, "bonding")
    try:
        names = os.listdir(folder)
    except OSError:
        return {}  # the bond went away between the two looks
    return {name: _text(os.path.join(folder, name)) for name in names}


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""
