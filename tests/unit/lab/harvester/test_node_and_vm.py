# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harvester's webhooks for Nodes and VirtualMachines as far as networks go (facts, 2.7)."""

from __future__ import annotations

from typing import Any

import pytest
from standin_objects import P, cluster, nad, node, obj, refusal, refused, vm

from lab.harvester import kinds
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.webhooks import node as node_webhook
from lab.harvester.webhooks import virtual_machine
from lab.harvester.webhooks.admission import Refusal, Request, patched

(NODE_HOOK,) = node_webhook.WEBHOOKS
OUT = {"unschedulable": True}
LAST = "can't enable maintenance mode or cordon on the last available node"
WITNESS = "node-role.harvesterhci.io/witness"
TAINTED = {"taints": [{"key": WITNESS, "effect": "NoExecute"}]}


@pytest.mark.parametrize(
    ("new", "others", "said"),
    [
        (node("node1", spec=OUT), [], ""),
        (node("node1", spec=OUT), [node("node2", spec=OUT), node("node3")], ""),
        (node("node1", spec=OUT), [node("node2", spec=OUT), node("node3", spec=OUT)], LAST),
        (node("node1", spec=OUT), [node("node2", witness=True), node("node3", spec=OUT)], LAST),
        (
            node("node1", annotations={"harvesterhci.io/drain-requested": "true"}),
            [node("node2", annotations={"harvesterhci.io/maintain-status": "completed"}), node("node3", spec=OUT)],
            LAST,
        ),
        (node("node1", labels={"own": "x"}), [node("node2", spec=OUT), node("node3", spec=OUT)], ""),
    ],
)
def test_the_last_available_node(new: Obj, others: list[Obj], said: str) -> None:
    found = refused(NODE_HOOK, cluster(*others), old=node("node1"), new=new)
    assert (found.message if found else "", found.code if found else 400) == (said, 400)


@pytest.mark.parametrize(
    ("new", "accepted"),
    [
        (node("node1", witness=True, spec=TAINTED), True),
        (node("node1", spec=TAINTED), False),
        (node("node1", witness=True), False),
    ],
)
def test_a_witness_stays_one(new: Obj, accepted: bool) -> None:
    found = refused(NODE_HOOK, cluster(), old=node("node1", witness=True, spec=TAINTED), new=new)
    assert (found.message if found else "") == (
        "" if accepted else "witness label or taint of node node1 can't be removed"
    )


# --- virtual machines


def term(*expressions: tuple[str, list[str]]) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": "In", "values": values} for key, values in expressions]}


def affinity(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"nodeAffinity": {virtual_machine.REQUIRED: {"nodeSelectorTerms": list(terms)}}}


def after(new: Obj, old: Obj | None = None) -> Obj:
    view = cluster(nad("n"), nad("m", "mgmt"))
    operation = "UPDATE" if old else "CREATE"
    patch = virtual_machine.mutate(Request(operation, old, new), view, VERSIONS["1.8"])  # type: ignore[arg-type]
    return patched(new, patch)["spec"]


CN1, MGMT = (f"{P}/cn1", ["true"]), (f"{P}/mgmt", ["true"])


@pytest.mark.parametrize(
    ("networks", "given", "wanted"),
    [
        ([], None, None),
        (["n"], None, affinity(term(CN1))),
        (["default/n", "m"], None, affinity(term(CN1, MGMT))),
        (["n"], affinity(term(("zone", ["a"]))), affinity(term(("zone", ["a"]), CN1))),
        (["n"], affinity(term((f"{P}/other", ["true"]))), affinity(term(CN1))),
        (
            ["n"],
            affinity(term(("zone", ["a"])), term(("zone", ["b"]))),
            affinity(term(("zone", ["a"]), CN1), term(("zone", ["b"]), CN1)),
        ),
        ([], affinity(term(("zone", ["a"]))), affinity(term(("zone", ["a"])))),
        (["n"], {"podAffinity": {"x": 1}}, {"podAffinity": {"x": 1}, **affinity(term(CN1))}),
    ],
)
def test_affinity(networks: list[str], given: Any, wanted: Any) -> None:
    template = {"affinity": given} if given else {}
    assert after(vm("v", networks, template=template))["template"]["spec"].get("affinity") == wanted


def test_an_affinity_of_a_former_network_goes() -> None:
    done = after(vm("v", [], template={"affinity": affinity(term(CN1))}))
    assert done["template"]["spec"]["affinity"] == {}


def test_a_network_that_is_not_there() -> None:
    with pytest.raises(Refusal) as caught:
        after(vm("v", ["gone"]))
    assert str(caught.value) == 'network-attachment-definitions.k8s.cni.cncf.io "gone" not found'


@pytest.mark.parametrize(
    ("before", "given", "recorded", "wanted"),
    [
        ("Halted", "Always", None, "RerunOnFailure"),
        ("Halted", "Always", "Manual", "Manual"),
        ("Halted", "RerunOnFailure", None, "RerunOnFailure"),
        ("RerunOnFailure", "Always", "Manual", "Always"),
        ("Always", "Halted", "Always", "Halted"),
    ],
)
def test_the_run_strategy_at_a_start(before: str, given: str, recorded: str | None, wanted: str) -> None:
    annotations = {virtual_machine.RUN_STRATEGY: recorded} if recorded else {}
    new = vm("v", strategy=given, annotations=annotations)
    assert after(new, vm("v", strategy=before))["runStrategy"] == wanted


# --- backups

BACKUP = {"source": {"kind": "VirtualMachine", "name": "v"}}


@pytest.mark.parametrize(
    ("before", "after", "name", "status", "refuses"),
    [
        ("Always", "Halted", "v", {}, True),
        ("RerunOnFailure", "Halted", "v", {"readyToUse": False}, True),
        ("Always", "Halted", "v", {"readyToUse": True}, False),
        ("Always", "Halted", "v", {"error": {"message": "no"}}, False),
        ("Always", "Halted", "w", {}, False),
        ("Always", "RerunOnFailure", "v", {}, False),
        ("Halted", "Halted", "v", {}, False),
    ],
)
def test_no_stop_while_a_backup_is_in_progress(
    before: str, after: str, name: str, status: dict[str, Any], refuses: bool
) -> None:
    backup = obj(kinds.VM_BACKUP, "b", "default", spec=BACKUP, status=status)
    (hook,) = virtual_machine.WEBHOOKS
    old, new = vm(name, strategy=before), vm(name, strategy=after)
    said = (
        f"there is vmbackup in progress for vm default/{name}, please wait for the vmbackup or remove it before "
        "stop/restart the vm"
    )
    assert refusal(hook, cluster(backup), old=old, new=new) == (said if refuses else "")
