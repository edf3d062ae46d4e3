# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation of a whole set of profiles before anything is written. This module util is private to the collection.

Pure: profiles, links and limits in; problems and warnings out. A file per concern; each rule says the object, the
value, what is wrong and the next step. Only what a call touches is judged, or a relation with it: an untouched foreign
profile alone never raises anything.
"""

from __future__ import annotations

from typing import AbstractSet, Any, Iterable, Mapping, Optional

from .._limits import Limits
from .._profile import Profile
from . import _bond, _bridge, _bridge_vlans, _devices, _ethernet, _ip, _mtus, _removal, _vlan
from ._context import Context, Report

__all__ = ["Limits", "Report", "validate"]

RULES = (
    _devices.check,
    _bond.check,
    _bridge.check,
    _vlan.check,
    _ethernet.check,
    _mtus.check,
    _bridge_vlans.check,
    _ip.check,
    _removal.check,
)


def validate(
    profiles: Mapping[str, Profile],
    touched: Iterable[str],
    links: Optional[Mapping[str, Any]] = None,
    limits: Optional[Limits] = None,
    removed: Optional[AbstractSet[str]] = None,
    before: Optional[Mapping[str, Profile]] = None,
) -> Report:
    """Judge the profiles of a node as they would be after a call.

    profiles: all of them by id, untouched ones too. touched: ids that the call creates or changes. links: the kernel's
    devices by name, with ``mtu``, ``mac``, ``controller``, ``kind`` and ``addresses``; None when there is no node to
    look at, then what only the node can tell (NICs, devices without a profile) is not judged. removed: ids that the
    call removes. before: the profiles as they are now, by id.
    """
    context = Context(profiles, frozenset(touched), links, limits or Limits(), removed or frozenset(), before or {})
    for rule in RULES:
        rule(context)
    return context.report
