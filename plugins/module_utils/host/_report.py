# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What module host_info returns. This module util is private to the collection."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List, Optional, Sequence

from . import _identity, _nics, _sysctl

DEVICE = re.compile(r".-(?:bo|br|br\.\d+)$")


def report(run: _nics.Run, devices: Optional[Sequence[str]] = None, root: str = "/") -> Dict[str, Any]:
    """devices: whose ARP settings are read; None for those of Harvester. Raises NetworkError when ip fails."""
    names = harvester_devices(root) if devices is None else devices
    return {
        **_identity.read(root)._asdict(),
        "nics": [nic._asdict() for nic in _nics.read(run, root)],
        "arp_ignore": [
            {**found._asdict(), "set_by": [line._asdict() for line in found.set_by]}
            for found in _sysctl.arp_ignore(names, root)
        ],
    }


def harvester_devices(root: str = "/") -> List[str]:
    """Bonds, bridges and their VLAN devices that are named as Harvester names them."""
    try:
        return sorted(name for name in os.listdir(os.path.join(root, _nics.NET)) if DEVICE.search(name))
    except OSError:
        return []
