# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the VMs of a node that is rebooted. This module util is private to the collection.

The label ``harvesterhci.io/maintain-mode-strategy`` of a VM counts as it does in Harvester's maintenance mode
(HV pkg/controller/master/node).
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from .. import _keys
from .._cordon import OTHERS, cordoned_by
from .._placement import placement
from .._snapshot import Snapshot
from .._vms import Vmi
from ..power._migrate import evacuation
from ..power._refusals import Policy, refusals

KINDS = ("nodes", "clusternetworks", "nads", "vms", "vmis", "migrations")
"""What plan() looks at."""
MOVE, STOP, REFUSE = "move", "stop", "refuse"
AFTER_DRAIN, AFTER_UNCORDON, NEVER = "after_drain", "after_uncordon", "never"
MIGRATE = "Migrate"
STRATEGIES: Mapping[str, str] = {
    "ShutdownAndRestartAfterEnable": AFTER_DRAIN,
    "ShutdownAndRestartAfterDisable": AFTER_UNCORDON,
    "Shutdown": NEVER,
}
"""Value of the label -> when a VM that is stopped for the maintenance of its node starts again."""


class VmPlan(NamedTuple):
    """What becomes of one VM.

    action: "move", "stop" or "refuse". start: when a VM that is stopped starts again, "after_drain", "after_uncordon"
    or "never"; empty for the others. reasons: sentence parts, why it does not move, or why it is refused.
    """

    node: str
    namespace: str
    name: str
    action: str
    start: str = ""
    reasons: Tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        return "%s/%s" % (self.namespace, self.name)

    def as_result(self) -> Dict[str, Any]:
        """As the module returns it."""
        return {**self._asdict(), "reference": self.reference, "reasons": list(self.reasons)}

    def __str__(self) -> str:
        return "VM '%s' on node '%s': %s" % (self.reference, self.node, "; ".join(self.reasons))


def plan(snapshot: Snapshot, nodes: Sequence[str], stop: bool, policy: Policy) -> List[VmPlan]:
    """What becomes of every VM on these nodes, in the order of the nodes, then by reference.

    stop: whether VMs that cannot move are stopped; without it they are refused. policy: what a stop may do. VMs that
    have ended are none. Raises KeyError for an unknown node.
    """
    return [vm for node in nodes for vm in _of_node(snapshot, snapshot.nodes[node].name, stop, policy)]


def _of_node(snapshot: Snapshot, node: str, stop: bool, policy: Policy) -> List[VmPlan]:
    found = evacuation(snapshot, node)
    fixed = {staying.reference: staying.reasons for staying in found.staying}
    vmis = [snapshot.vmis[reference] for reference in fixed]
    return sorted(
        _of_vm(snapshot, vmi, fixed.get(vmi.reference, ()), stop, policy)
        for vmi in (*found.moving, *found.starting, *vmis)
    )


def _of_vm(snapshot: Snapshot, vmi: Vmi, fixed: Tuple[str, ...], stop: bool, policy: Policy) -> VmPlan:
    vm = snapshot.vms.get(vmi.reference)
    label = str((vm or vmi).labels.get(_keys.MAINTAIN_STRATEGY) or MIGRATE)
    start, reasons = STRATEGIES.get(label, ""), fixed
    if start:
        reasons = ("its label %s is %s" % (_keys.MAINTAIN_STRATEGY, label),)
    elif label != MIGRATE:
        reasons = (*reasons, "its label %s is '%s', which counts as %s" % (_keys.MAINTAIN_STRATEGY, label, MIGRATE))
    known = VmPlan(vmi.node, vmi.namespace, vmi.name, MOVE, "", reasons)
    if not start and not fixed:
        return known
    if not start and not stop:
        return known._replace(action=REFUSE)
    against = refusals(snapshot, [vmi.reference], policy)
    if against:
        texts = tuple("%s; %s" % (problem.rule, problem.remedy) for problem in against)
        return known._replace(action=REFUSE, reasons=(*reasons, *texts))
    elsewhere = [name for name in placement(snapshot, vmi).nodes if name != vmi.node]
    start = start or AFTER_UNCORDON
    if start == AFTER_DRAIN and not elsewhere:
        start, reasons = AFTER_UNCORDON, (*reasons, "no other node could run it")
    if start == AFTER_UNCORDON and not elsewhere and cordoned_by(snapshot.nodes[vmi.node]) == OTHERS:
        text = "it could not start again: somebody else has cordoned its node, and that cordon stays"
        return known._replace(action=REFUSE, reasons=(*reasons, text))
    return known._replace(action=STOP, start=start, reasons=reasons)
