# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guest that runs again has to have again. This module util is private to the collection.

Ready, the guest agent and MACs come with time. Interfaces are those of the instance, which is made whole: one that
differs stays so until somebody mends it. KubeVirt may choose a new MAC for an interface whose template names none;
Harvester gives it the one that it had (HV pkg/webhook/resources/virtualmachineinstance), and keeps the new one for
good once that has failed, so that the record is what still knows the old one.
"""

from __future__ import annotations

from typing import Iterable, Iterator

from .._vms import POD, Interface, Vmi
from ._record import Entry

LONGER = "run again with a longer wait (change_vm_wait_timeout, option wait_timeout of vm_power)"
"""The next step where all that is missing may be time."""
LEFT = "or, where it may stay so, name it in change_accepted_vms (option accepted of vm_power)"
"""The next step where the VM is not to be mended."""


def late(entry: Entry, vmi: Vmi) -> str:
    """What a running VM does not have yet and had, with the next step; empty for nothing."""
    found = []
    if entry.ready and vmi.unready:
        found.append("it was Ready, and is Running and not Ready (%s)" % vmi.unready)
    if entry.agent and not vmi.agent:
        found.append("its guest agent was connected, and is not")
    now = {one.name: one for one in vmi.interfaces}
    for was in entry.interfaces or ():
        if was.mac and was.name in now and not now[was.name].mac:
            found.append("interface '%s' had MAC %s, and KubeVirt shows none" % (was.name, was.mac))
    if not found:
        return ""
    return "VM '%s': %s; look at its console, %s, %s" % (entry.reference, "; ".join(found), LONGER, LEFT)


def differing(entry: Entry, vmi: Vmi) -> str:
    """How the interfaces of a running VM differ from the record, with the next step; empty where they do not."""
    if entry.interfaces is None:
        return ""
    found = list(_differences(entry.interfaces, vmi.interfaces))
    if not found:
        return ""
    step = "correct them in its template and restart it"
    return "VM '%s': its interfaces are not those that it had: %s; %s, %s" % (
        entry.reference,
        "; ".join(found),
        step,
        LEFT,
    )


def _differences(recorded: Iterable[Interface], seen: Iterable[Interface]) -> Iterator[str]:
    before, now = ({one.name: one for one in interfaces} for interfaces in (recorded, seen))
    if len(before) != len(now):
        yield "%d instead of %d" % (len(now), len(before))
    for name in sorted({*before, *now}):
        if name not in now:
            yield "'%s' on %s is missing" % (name, _place(before[name]))
        elif name not in before:
            yield "'%s' on %s was not there" % (name, _place(now[name]))
        else:
            was, seen_now = before[name], now[name]
            if was.network != seen_now.network:
                yield "'%s' is on %s instead of %s" % (name, _place(seen_now), _place(was))
            if was.mac and seen_now.mac and was.mac != seen_now.mac:
                yield "'%s' has MAC %s instead of %s" % (name, seen_now.mac, was.mac)


def _place(interface: Interface) -> str:
    if interface.network == POD:
        return "the built-in pod network"
    return "VM network '%s'" % interface.network if interface.network else "no VM network"
