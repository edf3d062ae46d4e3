# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded of a VM before it is stopped or moved. This module util is private to the collection.

Run strategy and power are two things: a VM with strategy Always may wait for a node, one with RerunOnFailure may have
been shut down by its owner. Both are recorded, with name and uid, and both are restored. Of a guest that runs there is
also recorded what it has to have again: Ready, its guest agent, its interfaces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ...common._errors import Problem, ValidationError
from .._snapshot import Snapshot
from .._vms import FINAL, RUNNING, STRATEGIES, Interface, Vm, Vmi, starts

SHUT_DOWN, KILLED, UNKNOWN = "shut_down", "killed", "unknown"
FIELDS = (
    "namespace",
    "name",
    "uid",
    "run_strategy",
    "running_field",
    "phase",
    "node",
    "agent",
    "outcome",
    "ready",
    "instance",
)
"""Those that are kept as they are; interfaces are besides."""


@dataclass(frozen=True)
class Entry:
    """One VM as it was.

    uid: of the VM object. run_strategy: as KubeVirt names it. running_field: whether the VM says it by the deprecated
    ``spec.running``. phase: of its instance; empty when it had none. node: where that ran; empty for nowhere. agent:
    whether the guest agent was connected. outcome: how the guest ended, "shut_down", "killed" or "unknown"; empty while
    it has not. ready: whether the instance was Ready. interfaces: those that it has to have again, by name; None where
    they were not recorded, as by earlier versions and of a guest that did not run. instance: uid of the instance that
    will end; empty where that was not recorded, and of a VM that moves.
    """

    namespace: str
    name: str
    uid: str
    run_strategy: str
    running_field: bool = False
    phase: str = ""
    node: str = ""
    agent: bool = False
    outcome: str = ""
    ready: bool = False
    instance: str = ""
    interfaces: Optional[Tuple[Interface, ...]] = None

    @property
    def reference(self) -> str:
        return "%s/%s" % (self.namespace, self.name)

    @property
    def ran(self) -> bool:
        """Whether the guest was running, so that it has to run again."""
        return self.phase == RUNNING

    @property
    def ended(self) -> bool:
        """Whether its guest had ended for good: its instance was deleted, and nothing is to be started."""
        return self.phase in FINAL and not starts(self.run_strategy, self.phase)

    def as_result(self) -> Dict[str, Any]:
        """As the module returns it and takes it again."""
        found = None if self.interfaces is None else [one._asdict() for one in self.interfaces]
        return {**{field: getattr(self, field) for field in FIELDS}, "interfaces": found}


def recorded(
    snapshot: Snapshot, references: Iterable[str], before: Iterable[Entry] = (), boots: bool = True
) -> Tuple[Entry, ...]:
    """The VMs as they are now, by reference, without those that have no object VirtualMachine, and without those that
    are halted: somebody else is stopping them.

    before: what an earlier look or run has recorded. It wins where the VM is the same by its uid, since what is seen
    now may be this collection's own doing. A VM of that record that is not among the references stays in it. boots:
    whether they will be booted, from their templates.
    """
    found: Dict[str, Entry] = {}
    for reference in references:
        vm, vmi = snapshot.vms.get(reference), snapshot.vmis.get(reference)
        if vm is None or vm.halted:
            continue
        found[reference] = Entry(
            namespace=vm.namespace,
            name=vm.name,
            uid=vm.uid,
            run_strategy=vm.run_strategy,
            running_field=vm.running_field,
            phase=vmi.phase if vmi else "",
            node=vmi.node if vmi else "",
            agent=vmi.agent if vmi else False,
            ready=vmi is not None and not vmi.unready,
            instance=vmi.uid if vmi and boots else "",
            interfaces=_interfaces(vm, vmi, boots),
        )
    for entry in before:
        now = found.get(entry.reference)
        if now is None or now.uid == entry.uid:
            found[entry.reference] = entry
    return tuple(found[reference] for reference in sorted(found))


def _interfaces(vm: Vm, vmi: Optional[Vmi], boots: bool) -> Optional[Tuple[Interface, ...]]:
    """Those that the VM will have: when it boots, of its template, which may have been changed since the last time.
    Harvester keeps their MACs (HV pkg/webhook/resources/virtualmachineinstance); one that KubeVirt does not show is not
    compared.
    """
    if vmi is None or vmi.phase != RUNNING:
        return None
    if not boots:
        return vmi.interfaces
    shown = {one.name: one.mac for one in vmi.interfaces}
    # to a template without networks KubeVirt adds the pod network when it makes the instance
    return tuple(
        one._replace(mac=(one.mac or shown[one.name]) if shown.get(one.name) else "")
        for one in vm.interfaces or vmi.interfaces
    )


def replaced(snapshot: Snapshot, entry: Entry) -> bool:
    """Whether another VM has the name of the recorded one, which then is gone: uids are never used again."""
    vm = snapshot.vms.get(entry.reference)
    return vm is not None and vm.uid != entry.uid


def with_outcomes(entries: Iterable[Entry], outcomes: Mapping[str, str]) -> Tuple[Entry, ...]:
    """The record with how each guest ended, by reference."""
    return tuple(replace(entry, outcome=outcomes.get(entry.reference, entry.outcome)) for entry in entries)


def accepting(entries: Iterable[Entry], names: Iterable[str]) -> List[Entry]:
    """The record without what these VMs ("namespace/name") need not have again; they still have to run."""
    known = frozenset(names)
    return [
        replace(entry, ready=False, agent=False, interfaces=None) if entry.reference in known else entry
        for entry in entries
    ]


def read(given: Iterable[Mapping[str, Any]]) -> Tuple[Entry, ...]:
    """Entries from module options, in their order. Raises ValidationError with all that is wrong."""
    problems: List[Problem] = []
    found: Dict[str, Entry] = {}
    for place, item in enumerate(given):
        option = "vms[%d]" % place
        where = "VM '%s/%s'" % (item.get("namespace"), item.get("name"))
        for field in ("uid", "run_strategy"):
            if not item.get(field):
                problems.append(
                    Problem(where, "%s.%s" % (option, field), None, "is missing", "give the list that a run returned")
                )
        strategy = item.get("run_strategy")
        if strategy and strategy not in STRATEGIES:
            problems.append(
                Problem(where, option + ".run_strategy", strategy, "is no run strategy", "use %s" % _words(STRATEGIES))
            )
        kept = {field: item[field] for field in FIELDS if item.get(field) is not None}
        entry = Entry(**kept, interfaces=_read_interfaces(item.get("interfaces")))
        if entry.reference in found:
            problems.append(Problem(where, option, None, "is listed twice", "list each VM once"))
        found[entry.reference] = entry
    if problems:
        raise ValidationError(problems)
    return tuple(found.values())


def _read_interfaces(given: Optional[Iterable[Mapping[str, Any]]]) -> Optional[Tuple[Interface, ...]]:
    if given is None:
        return None
    return tuple(Interface(*(str(one.get(field) or "") for field in Interface._fields)) for one in given)


def _words(words: Iterable[str]) -> str:
    found = list(words)
    return "%s or %s" % (", ".join(found[:-1]), found[-1])
