# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a change of the storage network by itself, what they do, and how they are taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cluster_objects import WORKERS, having, instance_manager, setting, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._storage_network import analyse
from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import with_condition
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

NOW = datetime(2026, 11, 27)
TEXT = '{ "vlan":50, "clusterNetwork":"mgmt", "range":"10.50.0.0/24" }'
OTHER = '{"vlan":60,"clusterNetwork":"mgmt","range":"10.60.0.0/24","exclude":[]}'
SHARED = '{"share-storage-network":true}'
ALONE = '{"share-storage-network":false}'
VALUE = {"cluster_network": "mgmt", "vlan_id": 60, "range": "10.60.0.0/24"}

OFF = having(
    vm("vm1", "mgmt200"),
    vmi("vm1", "mgmt200", on="n1"),
    setting("storage-network", ""),
    setting("rwx-network", ALONE, default=ALONE),
    setting("vm-migration-network", ""),
)


def on(text: str = TEXT, rwx: str = ALONE) -> Snapshot:
    managers = (instance_manager(name, "10.50.0.%d" % place) for place, name in enumerate(WORKERS, 10))
    return having(setting("storage-network", text), setting("rwx-network", rwx, default=ALONE), *managers, on=OFF)


def phases(snapshot: Snapshot, **given: Any) -> list[Any]:
    return list(analyse(snapshot, given, NOW)[0])


def values(phase: Any) -> list[tuple[str, str]]:
    return [(step["setting"], step["value"]) for step in phase["steps"]]


@pytest.mark.parametrize(
    ("snapshot", "given"),
    [
        (OFF, {"state": "disabled"}),
        (on(OTHER), {"state": "enabled", **VALUE}),
        (on(), {"state": "enabled", "vlan_id": 50}),
        (on(), {"state": "recorded", "recorded": [{"setting": "storage-network", "value": TEXT}]}),
    ],
    ids=["off", "the same value", "what is given is the same", "put back already"],
)
def test_nothing_to_do(snapshot: Snapshot, given: dict[str, Any]) -> None:
    assert analyse(snapshot, {**given, "stop_vms": True}, NOW) == ([], ())


def test_off_releases_what_shares_it_first() -> None:
    (phase,) = phases(on(rwx=SHARED), state="disabled", options={"wait_timeout": 700, "permanent": True})
    assert (phase["id"], phase["bound"]) == ("storage-off", 1000)
    assert phase["input"] == {
        "state": "disabled",
        "settings": ["rwx-network", "storage-network"],
        "wait_timeout": 700,
        "permanent": True,
    }
    assert values(phase) == [("rwx-network", ALONE), ("storage-network", "")]


def test_on_from_nothing_is_taken_back_by_releasing_it() -> None:
    (phase,) = phases(OFF, state="enabled", **VALUE)
    assert (phase["id"], phase["bound"]) == ("storage-on", 1500)
    assert phase["input"] == {
        "state": "recorded",
        "recorded": [{"setting": "storage-network", "value": OTHER}],
        "was": {"released": ["storage-network"], "recorded": []},
    }
    assert values(phase) == [("storage-network", OTHER)]


def test_another_value_is_taken_back_to_the_byte() -> None:
    (phase,) = phases(on(), state="enabled", **VALUE)
    was = {"released": [], "recorded": [{"setting": "storage-network", "value": TEXT}]}
    assert phase["input"]["was"] == was
    assert values(phase) == [("storage-network", OTHER)]


def test_what_was_recorded_comes_back_in_the_reverse_order() -> None:
    recorded = [{"setting": "rwx-network", "value": SHARED}, {"setting": "storage-network", "value": TEXT}]
    (phase,) = phases(OFF, state="recorded", recorded=recorded)
    assert phase["input"]["was"] == {"released": ["rwx-network", "storage-network"], "recorded": []}
    assert values(phase) == [("storage-network", TEXT), ("rwx-network", SHARED)]


def test_every_vm_stops_around_it_where_that_is_asked_for() -> None:
    planned, vms = analyse(on(), {"state": "disabled", "stop_vms": True}, NOW)
    assert [phase["id"] for phase in planned] == ["vms-stop", "storage-off", "vms-start"]
    assert set(vms) == {"default/pod1", "default/vm1"}
    assert not _plan.plan(on(), planned).all_objections
    (alone,) = phases(on(), state="disabled")
    (running,) = [one for one in _plan.plan(on(), [alone]).all_objections if "Please stop all VMs" in str(one)]
    assert running.object == "setting 'storage-network'"


def test_an_option_passes_over_the_rule_that_it_names() -> None:
    found = on().get("settings", "storage-network")
    busy = having(with_condition(found or {}, "configured", "False", "In Progress"), on=on())
    for allowed in (False, True):
        given = {"state": "disabled", "stop_vms": True, "options": {"allow_in_progress": allowed}}
        objections = _plan.plan(busy, analyse(busy, given, NOW)[0]).all_objections
        assert [one.rule for one in objections] == ([] if allowed else ["storage-network-in-progress"])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValidationError) as found:
        phases(OFF, state="enabled", vlan_id=60)
    rule = "the storage network is off, and enabling it needs this option; give it"
    assert str(found.value) == "\n".join(
        f"setting 'storage-network': {name}: {rule}" for name in ("cluster_network", "range")
    )
