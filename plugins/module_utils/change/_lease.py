# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may change the network now: rules about one Lease. Pure; this module util is private to the collection.

Ansible renews nothing in the background. So at each phase's start the Lease lasts the phase's bound and SLACK more.
The holder is a change and one run of it: a second run of the same change is another holder. While a Lease lasts, only
who asks for it takes it over; one that ran out may be taken. A runner that was overtaken sees it before its next
mutation. Times are the runners' clocks: clocks that are apart by more than SLACK make a Lease run out early.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Mapping, NamedTuple, Optional

from . import _time
from ._record import ChangeError

NAME = "harvester-network-change"
SLACK = 120
"""Seconds that a Lease lasts beyond the bound of its phase."""
OPENING = 300
"""Seconds from the opening of a change to its first phase."""


class Held(ChangeError):
    """Another runner has the Lease."""


class Lease(NamedTuple):
    """What a Lease says. holder: "<change>/<runner>"; empty when it is free. expires: None when it is free."""

    holder: str
    expires: Optional[datetime]

    @property
    def change(self) -> str:
        return self.holder.partition("/")[0]

    @property
    def runner(self) -> str:
        return self.holder.partition("/")[2]

    def held(self, moment: datetime) -> bool:
        """Whether somebody has it at this moment."""
        return bool(self.holder) and self.expires is not None and moment < self.expires


FREE = Lease("", None)


def holder(change_id: str, runner: str) -> str:
    """The identity of one run of a change."""
    return "%s/%s" % (change_id, runner)


def read(item: Optional[Mapping[str, Any]]) -> Lease:
    """A Lease object; None when there is none. One without usable times lasts no moment."""
    spec = (item or {}).get("spec") or {}
    name = str(spec.get("holderIdentity") or "")
    if not name:
        return FREE
    try:
        renewed = _time.parsed(str(spec.get("renewTime")))
        return Lease(name, renewed + _time.seconds(int(spec.get("leaseDurationSeconds") or 0)))
    except (TypeError, ValueError):
        return Lease(name, None)


def taken(
    item: Optional[Mapping[str, Any]], mine: str, bound: int, moment: datetime, takeover: bool = False
) -> Dict[str, Any]:
    """The merge patch, or the body of a new Lease, that makes it ours for ``bound`` + SLACK seconds.

    takeover: take it from a holder whose time is not over. Raises Held.
    """
    lease = read(item)
    if lease.holder != mine and lease.held(moment) and not takeover:
        raise Held(
            "the network is being changed by '%s', whose time lasts until %s (now it is %s). Wait until then. If you"
            " know that this run is dead, take over with change_takeover=true"
            % (lease.holder, _time.stamp(lease.expires or moment), _time.stamp(moment))
        )
    spec: Dict[str, Any] = {
        "holderIdentity": mine,
        "leaseDurationSeconds": bound + SLACK,
        "renewTime": _time.micro(moment),
    }
    if lease.holder != mine:
        spec["acquireTime"] = _time.micro(moment)
        known = ((item or {}).get("spec") or {}).get("leaseTransitions")
        spec["leaseTransitions"] = 0 if item is None else int(known or 0) + 1
    return {"spec": spec}


def still_mine(item: Optional[Mapping[str, Any]], mine: str) -> None:
    """Raises Held when the Lease is not ours any more; one of ours that ran out is still ours."""
    lease = read(item)
    if lease.holder != mine:
        raise Held(
            "this run ('%s') was overtaken by '%s'; it stops here, and nothing is changed by it any more"
            % (mine, lease.holder or "nobody, the Lease is free")
        )


def released(item: Optional[Mapping[str, Any]], mine: str) -> Optional[Dict[str, Any]]:
    """The merge patch that gives our Lease back; None when it is not ours."""
    if read(item).holder != mine:
        return None
    return {"spec": {"holderIdentity": None, "leaseDurationSeconds": None, "renewTime": None, "acquireTime": None}}
