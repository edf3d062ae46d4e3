# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase of playbook vm_power, and which record leads back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cluster_objects import BASE, having, node, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._vm_power import (
    analyse,
    restoring,
    waiting,
)
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

NOW = datetime(2026, 11, 27)
EMPTY: dict[str, Any] = {"cluster_networks": [], "namespaces": [], "labels": {}, "names": [], "nodes": []}
VM1 = {"namespace": "default", "name": "vm1", "uid": "uid-vm1", "run_strategy": "RerunOnFailure", "node": "n1"}
IMAGE: dict[str, Any] = {"vms": [VM1], "schedules": [], "cordoned": []}
CN1 = {"state": "stopped", "cluster_networks": ["cn1"]}


def phases(state: str = "stopped", snapshot: Any = BASE, options: Any = None, **selection: Any) -> list[Any]:
    given = {"state": state, "selection": {**EMPTY, **selection}, "options": options or {}}
    return list(analyse(snapshot, given, NOW))


def done(name: str, told: dict[str, Any], image: Any = None, runbook: str = "vm_power") -> Record:
    before = {"cluster": image or IMAGE, "hosts": {}}
    phase = Phase(id="vms", role="harvester.network.vms", bound=300, input=told, state="done", before=before)
    return Record(id=name, runbook=runbook, opened=name, phases=(phase,), state="done", closed=name)


def test_vms_of_a_network_stop() -> None:
    (phase,) = phases(cluster_networks=["cn1"], options={"window": 0, "order": [], "paused": "refuse"})
    assert phase["id"] == "vms-stop"
    assert phase["input"] == {"state": "stopped", "cluster_networks": ["cn1"], "window": 0, "paused": "refuse"}
    assert phase["steps"] == [{"kind": "vm_power", "vms": ["default/vm1"], "state": "stopped"}]
    assert "until" not in phase
    assert _plan.plan(BASE, [phase]).phases[0].stops == ("default/vm1",)


@pytest.mark.parametrize(
    ("selection", "names"),
    [({"names": ["default/pod1"]}, ["default/pod1"]), ({"all": True}, ["default/pod1", "default/vm1"])],
    ids=["by name", "all"],
)
def test_selections(selection: dict[str, Any], names: list[str]) -> None:
    (phase,) = phases(**selection)
    assert [name for step in phase["steps"] for name in step["vms"]] == names


def test_nothing_that_runs_is_nothing_to_do() -> None:
    assert phases(names=["default/idle"]) == []


def test_what_is_not_known_or_selects_nothing_is_refused() -> None:
    with pytest.raises(ValidationError) as found:
        phases(networks=["cn1"])
    assert str(found.value).startswith("vm_power: networks: there is no such option; there are all, cluster_networks")
    with pytest.raises(ValidationError) as found:
        phases()
    assert "nothing selects VMs" in str(found.value)


PINNED = vmi("pinned", "vlan100")
PINNED["status"]["conditions"] = [{"type": "LiveMigratable", "status": "False", "reason": "DisksNotLiveMigratable"}]
BOTH = having(vm("pinned", "vlan100", strategy="Always"), PINNED)
"""On n1 one VM that can move, and one that cannot."""


def test_a_node_is_emptied() -> None:
    with pytest.raises(ValidationError) as found:
        phases("migrated", cluster_networks=["cn1"])
    assert str(found.value) == "vm_power: node: is missing; give the node that is to be emptied"
    with pytest.raises(ValidationError) as found:
        phases("migrated", BOTH, nodes=["n1"])
    assert str(found.value) == (
        "VM 'default/pinned': it cannot leave node 'n1': KubeVirt cannot live-migrate it: DisksNotLiveMigratable;"
        " stop it, or give change_non_migratable_vms=leave"
    )
    (left,) = phases("migrated", BOTH, nodes=["n1"], options={"non_migratable": "leave"})
    assert left["id"] == "vms-move"
    assert left["steps"] == [{"kind": "vm_migration", "nodes": ["n1"], "vms": ["default/vm1"]}]
    assert left["input"] == {"state": "migrated", "nodes": ["n1"], "non_migratable": "leave", "wait_timeout": 300}
    assert _plan.plan(BOTH, [left]).phases[0].moves == ("default/vm1",)


def test_an_empty_closed_node_is_nothing_to_do() -> None:
    closed = having(node("n2", "cn1", cordoned=True, rack="a"))
    assert phases("migrated", closed, nodes=["n2"]) == []
    assert phases("migrated", nodes=["n2"], options={"cordon": False}) == []
    assert [phase["id"] for phase in phases("migrated", nodes=["n2"])] == ["vms-move"]


def test_the_record_of_the_change_that_is_done_leads_back() -> None:
    halted = having(vm("vm1", "vlan100", strategy="Halted"))
    (phase,), change = restoring(halted, [done("a", CN1), done("b", CN1, runbook="other")], "", {"canary": False})
    assert (change, phase["id"]) == ("a", "vms-start")
    assert phase["input"] == {"state": "started", "record": IMAGE, "record_of": "a", "canary": False}
    assert phase["steps"] == [
        {
            "kind": "vm_power",
            "vms": ["default/vm1"],
            "state": "started",
            "run_strategies": {"default/vm1": "RerunOnFailure"},
        }
    ]


def test_a_record_leads_back_once() -> None:
    back = done("b", {"state": "started", "record": IMAGE, "record_of": "a"})
    records = [done("a", CN1), back, done("c", CN1)]
    assert [one.change for one in waiting(records)] == ["c"]
    assert restoring(BASE, records[:2], "", {}) == ([], "")
    assert restoring(BASE, records, "a", {}) == ([], "")
    assert restoring(BASE, records, "", {})[1] == "c"


def test_of_several_one_is_chosen() -> None:
    records = [done("a", CN1), done("b", CN1)]
    with pytest.raises(ValidationError) as found:
        restoring(BASE, records, "", {})
    assert str(found.value) == "vm_power: VMs of several changes wait: a, b; give one of them as change_record"
    assert restoring(BASE, records, "a", {})[1] == "a"
    with pytest.raises(ValidationError) as found:
        restoring(BASE, records, "x", {})
    assert str(found.value) == (
        "vm_power: change_record=x: no change of playbook vm_power that is done has this id; VMs wait in: a, b"
    )


def test_a_node_that_was_emptied_is_opened_and_its_undoing_empties_it_again() -> None:
    told = {"state": "migrated", "nodes": ["n2"], "wait_timeout": 300}
    image = {"vms": [], "schedules": [], "cordoned": ["n2"]}
    (phase,), _change = restoring(BASE, [done("a", told, image)], "", {})
    assert phase["input"] == {"state": "started", "record": image, "record_of": "a", "nodes": ["n2"], "moved": True}
    assert phase["steps"] == []
