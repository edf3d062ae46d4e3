# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""storage_network: what it writes and in which order, what it waits for, what it returns, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from cases_setting import WIDE
from cluster_modules import Caller
from cluster_objects import (
    having,
    held_volume,
    instance_manager,
    lacking,
    nad,
    setting,
    thing,
    vm,
    vmi,
)
from test_cluster_modules import documented, options_of

from ansible_collections.harvester.network.plugins.module_utils.cluster import _carry_out
from ansible_collections.harvester.network.plugins.module_utils.cluster._auth import API_ARGSPEC, AUTH_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.cluster._change_module import change_argspec
from ansible_collections.harvester.network.plugins.module_utils.cluster.storage._wait import digest
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._storage_network import (
    KINDS,
    STORAGE_NETWORK_ARGSPEC,
)
from ansible_collections.harvester.network.plugins.modules import storage_network

STORAGE = '{ "vlan":50,"range" : "10.9.0.0/24","clusterNetwork":"cn1" }'
NAD = "storagenetwork-abcde"
SHARE, NO_SHARE = '{"share-storage-network":true}', '{"share-storage-network":false}'
MARK = "storage-network.settings.harvesterhci.io"
OPTIONS = {"state": "enabled", "cluster_network": "cn1", "vlan_id": 50, "range": "10.9.0.0/24"}


def longhorn(name: str, value: str) -> Any:
    return thing("longhorn_settings", name, "longhorn-system", value=value)


OFF = having(
    longhorn("storage-network", ""),
    longhorn("endpoint-network-for-rwx-volume", ""),
    setting("rwx-network", "", default=NO_SHARE),
    on=WIDE,
)
ON = having(
    setting(
        "storage-network",
        STORAGE,
        "Completed",
        **{MARK + "/hash": digest(STORAGE), MARK + "/net-attach-def": "harvester-system/" + NAD},
    ),
    longhorn("storage-network", "harvester-system/" + NAD),
    nad(NAD, vlan=50, namespace="harvester-system", mtu=9000, annotations={MARK: "true"}),
    *(instance_manager("n%d" % place, "10.9.0.%d" % place) for place in (1, 2, 3)),
    on=OFF,
)
SHARED = having(
    setting(
        "rwx-network",
        SHARE,
        "Completed",
        default=NO_SHARE,
        **{"rwx-network.settings.harvesterhci.io/hash": digest(SHARE)},
    ),
    longhorn("endpoint-network-for-rwx-volume", "harvester-system/" + NAD),
    on=ON,
)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("storage_network", ON, monkeypatch, capsys)


def written(call: Caller) -> list[tuple[str, str]]:
    """Setting and value of every write."""
    assert all((method, list(body)) == ("PATCH", ["value"]) for method, _name, body in call.writes)
    return [(name, body["value"]) for _method, name, body in call.writes]


def test_documentation_says_what_the_argument_spec_says() -> None:
    spec = {**AUTH_ARGSPEC, **API_ARGSPEC, **change_argspec(STORAGE_NETWORK_ARGSPEC, state=False)}
    found = {**options_of(storage_network), **yaml.safe_load(storage_network.DOCUMENTATION)["options"]}
    assert documented(found, "suboptions") == documented(spec, "options")


def test_a_result_holds_what_is_documented_and_nothing_else(call: Caller) -> None:
    known = set(yaml.safe_load(storage_network.RETURN))
    result = call(state="disabled")
    assert set(result) - {"changed", "diff", "invocation"} == known - {"objections", "missing", "waited"}


def test_off_and_back_to_the_byte(call: Caller) -> None:
    off = call(state="disabled")
    assert written(call) == [("storage-network", "")]
    assert off["recorded"] == [{"setting": "storage-network", "value": STORAGE}]
    assert off["objects"] == [{"kind": "Setting", "namespace": "", "name": "storage-network", "action": "changed"}]
    assert off["network"] == {
        "cluster_network": "cn1",
        "vlan_id": 50,
        "range": "10.9.0.0/24",
        "exclude": [],
        "mtu": 9000,
        "nodes": ["n1", "n2", "n3"],
    }
    device = {"devices": [{"name": "cn1-bo", "not_vlans": ["50"]}], "absent": []}
    assert off["expect"] == {"n1": device, "n2": device}
    assert off["progress"][-1]["missing"] == []
    again = call(state="disabled")
    assert (again["changed"], call.writes, again["recorded"], again["network"]) == (False, [], [], None)
    back = call(state="recorded", recorded=off["recorded"])
    assert written(call) == [("storage-network", STORAGE)]
    assert back["expect"]["n1"] == {"devices": [{"name": "cn1-bo", "vlans": ["50"]}], "absent": []}
    assert back["recorded"] == off["recorded"]
    assert call(state="recorded", recorded=off["recorded"])["changed"] is False


def test_what_shares_it_goes_first_and_comes_back_last_and_each_is_waited_for(call: Caller) -> None:
    call.api.state = SHARED
    off = call(state="disabled")
    assert written(call) == [("rwx-network", NO_SHARE), ("storage-network", "")]
    between = call.steps[1 : call.steps.index(("PATCH", "storage-network"))]
    assert ("GET", "rwx-network") in between
    assert ("GET", "pods") in between
    assert [entry["setting"] for entry in off["recorded"]] == ["rwx-network", "storage-network"]
    call(state="recorded", recorded=off["recorded"])
    assert written(call) == [("storage-network", STORAGE), ("rwx-network", SHARE)]


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    call.api.state = SHARED
    told = call(check=True, state="disabled")
    assert call.writes == []
    call.lists(KINDS)
    done = call(state="disabled")
    same = ("changed", "diff", "objects", "expect", "recorded", "network", "volumes")
    assert {key: told[key] for key in same} == {key: done[key] for key in same}
    assert told["diff"][1]["after_header"] == "Setting storage-network"


def test_a_new_one(call: Caller) -> None:
    call.api.state = OFF
    result = call(**OPTIONS)
    text = '{"vlan":50,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":[]}'
    assert written(call) == [("storage-network", text)]
    assert result["recorded"] == []
    assert (call(**OPTIONS)["changed"], call.writes) == (False, [])


def test_another_value_replaces_the_one_that_is_there(call: Caller) -> None:
    result = call(state="enabled", vlan_id=60)
    text = '{"vlan":60,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":[]}'
    assert written(call) == [("storage-network", text)]
    assert result["recorded"] == [{"setting": "storage-network", "value": STORAGE}]
    device = {"devices": [{"name": "cn1-bo", "vlans": ["60"]}, {"name": "cn1-bo", "not_vlans": ["50"]}], "absent": []}
    assert sorted(result["expect"]["n1"]["devices"], key=str) == sorted(device["devices"], key=str)


# -- waiting ---------------------------------------------------------------------------------------------------------


def test_a_change_that_never_ends_is_told_and_can_be_gone_on_with(call: Caller) -> None:
    """The second call writes nothing: it waits for what the first has written, and tells the same record."""
    call.api.state = SHARED
    call.api.controllers = False
    first = call(state="disabled")
    assert first["failed"]
    assert first["missing"] == ["setting 'rwx-network': Harvester has not taken up the value yet"]
    assert written(call) == [("rwx-network", NO_SHARE)]
    assert first["progress"] == [{"after": 0, "missing": first["missing"]}]
    call.api.controllers = True
    call.api.state = having(
        setting("rwx-network", NO_SHARE, "In Progress", default=NO_SHARE), on=having(longhorn("x", ""), on=SHARED)
    )
    second = call(state="disabled", recorded=first["recorded"])
    assert second["missing"] == ["setting 'rwx-network': Harvester has not taken up the value yet"]
    assert call.writes == []
    assert second["recorded"] == first["recorded"]


def test_a_network_that_is_on_but_not_everywhere_is_waited_for(call: Caller) -> None:
    call.api.state = having(instance_manager("n2"), on=ON)
    result = call(state="enabled")
    assert result["missing"] == ["node n2: instance-manager instance-manager-n2 has no lhnet1"]
    assert (result["failed"], result["changed"], call.writes) == (True, False, [])
    assert call(state="enabled", wait=False)["changed"] is False


def test_progress_has_an_entry_whenever_something_else_is_missing(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter([["a", "b"], ["a", "b"], ["b"], []])
    monkeypatch.setattr(_carry_out, "lacking", lambda _goal, _live, _gone: next(lines))
    monkeypatch.setattr(_carry_out.time, "sleep", lambda _seconds: None)
    result = call(state="disabled", wait_timeout=60)
    assert [look["missing"] for look in result["progress"]] == [["a", "b"], ["b"], []]


# -- refused ---------------------------------------------------------------------------------------------------------

LAUNCHER = ("virt-launcher-vm1-x", "VirtualMachineInstance", "vm1")
WEB = ("web-0", "StatefulSet", "web")
BUSY = having(vm("vm1", "vlan100"), vmi("vm1", "vlan100"), held_volume("pvc-1", "disk", LAUNCHER), on=ON)


def test_running_vms_and_their_volumes_refuse(call: Caller) -> None:
    call.api.state = BUSY
    result = call(state="disabled")
    assert result["msg"] == (
        "setting 'storage-network': Please stop all VMs before configuring the storage-network setting (running:"
        " default/vm1); stop these VMs\n"
        "setting 'storage-network': please stop all workloads before configuring the storage-network setting"
        " (attached: default/disk); stop the VMs"
    )
    assert call.writes == []
    workload = {"pod": LAUNCHER[0], "kind": LAUNCHER[1], "name": LAUNCHER[2]}
    assert result["volumes"] == [
        {
            "name": "pvc-1",
            "claim": "default/disk",
            "node": "n1",
            "workloads": [workload],
            "detaches_with_vm": True,
        }
    ]
    assert result["recorded"] == [{"setting": "storage-network", "value": STORAGE}]


def test_before_the_vms_stop_only_what_will_stay_counts(call: Caller) -> None:
    call.api.state = BUSY
    result = call(check=True, state="disabled", before_vms_stop=True)
    assert "failed" not in result
    assert [volume["detaches_with_vm"] for volume in result["volumes"]] == [True]
    call.api.state = having(held_volume("pvc-2", "data", WEB), on=BUSY)
    refused = call(check=True, state="disabled", before_vms_stop=True)
    assert refused["msg"] == (
        "setting 'storage-network': please stop all workloads before configuring the storage-network setting"
        " (attached: default/data); stop what keeps volumes attached: default/data is held by pod web-0 of StatefulSet"
        " web"
    )


def test_before_the_vms_stop_is_for_check_mode(call: Caller) -> None:
    result = call(state="disabled", before_vms_stop=True)
    assert result["msg"] == (
        "before_vms_stop=true judges a change that cannot be made yet, so it needs check mode; give check_mode: true,"
        " or leave it out once the VMs are stopped"
    )


def test_what_could_not_come_back_is_not_switched_off_unless_for_good(call: Caller) -> None:
    call.api.state = lacking("crds/ippools.whereabouts.cni.cncf.io", on=ON)
    result = call(state="disabled")
    assert result["msg"] == (
        "setting 'storage-network': it could not be enabled again: definition ippools.whereabouts.cni.cncf.io is"
        " missing; see whether add-on whereabouts of RKE2 is installed"
    )
    assert call.writes == []
    assert call(state="disabled", permanent=True)["changed"] is True


def test_v2_volumes_can_be_allowed(call: Caller) -> None:
    call.api.state = having(
        thing("volumes", "v2", "longhorn-system", spec={"dataEngine": "v2"}, status={"state": "detached"}), on=ON
    )
    assert [one["rule"] for one in call(state="disabled")["objections"]] == ["storage-network-v2-volumes"]
    assert call(state="disabled", allow_v2_volumes=True)["changed"] is True


def test_a_change_that_hangs_can_be_reset(call: Caller) -> None:
    call.api.state = having(setting("storage-network", STORAGE, "In Progress"), on=OFF)
    refused = call(state="disabled")
    assert [one["rule"] for one in refused["objections"]] == ["storage-network-in-progress"]
    assert call(state="disabled", allow_in_progress=True)["changed"] is True
    assert written(call) == [("storage-network", "")]


WHERE = "setting 'storage-network': "
BAD: list[tuple[Mapping[str, Any], Any, str]] = [
    (
        {"state": "enabled"},
        OFF,
        "\n".join(
            WHERE + "%s: the storage network is off, and enabling it needs this option; give it" % option
            for option in ("cluster_network", "vlan_id", "range")
        ),
    ),
    (
        {"state": "disabled", "vlan_id": 5},
        ON,
        WHERE + "vlan_id=5: it does not go with state=disabled; leave it out, or give state=enabled",
    ),
    (
        {"state": "enabled", "range": None},
        ON,
        WHERE + "range=null: it cannot be unset; give a value, or leave the option out",
    ),
    (
        {"state": "enabled", "exclusive_vlan": True},
        ON,
        WHERE + "exclusive_vlan=true: Harvester 1.8.2 does not have it; leave it out",
    ),
    (
        {"state": "recorded"},
        ON,
        WHERE + "recorded: state=recorded needs this option; give what a call with state=disabled returned as recorded",
    ),
    (
        {**OPTIONS, "recorded": []},
        ON,
        WHERE + "recorded: it does not go with state=enabled; give state=recorded to put it back",
    ),
    (
        {
            "state": "recorded",
            "recorded": [
                {"setting": "log-level", "value": ""},
                {"setting": "storage-network", "value": "{"},
                {"setting": "storage-network", "value": ""},
                {"setting": "vm-migration-network", "value": ""},
            ],
        },
        ON,
        "\n".join(
            [
                WHERE
                + "recorded.setting=log-level: it is no network setting; known are storage-network, rwx-network and"
                " vm-migration-network",
                WHERE + "recorded.value={: it is no JSON; give it unchanged",
                WHERE + "recorded.setting=storage-network: it is there twice; keep the first",
                WHERE
                + "recorded.setting=vm-migration-network: the cluster has no such setting; see whether Harvester's"
                " version has changed since it was recorded",
            ]
        ),
    ),
    (
        {"state": "disabled"},
        lacking("settings/storage-network", on=ON),
        WHERE + "the cluster has no such setting; see whether this is a Harvester cluster",
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("options", "state", "message"), BAD, ids=lambda value: str(value)[:40])
def test_bad_options(call: Caller, options: Mapping[str, Any], state: Any, message: str, check: bool) -> None:
    call.api.state = state
    result = call(check=check, **options)
    assert (result["failed"], result["msg"], call.writes) == (True, message, [])


def test_the_value_of_the_options_is_judged_as_any(call: Caller) -> None:
    call.api.state = OFF
    result = call(**{**OPTIONS, "vlan_id": 5000, "range": "10.42.0.0/28"})
    assert [one["rule"] for one in result["objections"]] == ["setting-vlan", "setting-reserved-range"]
