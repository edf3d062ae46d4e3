# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook storage_network: judged, proved on the wire, changed, looked at, in this order; nothing after a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

NETWORK = {"cluster_network": "mgmt", "vlan_id": 60, "mtu": 1500, "nodes": ["n1", "n2"]}
RECORDED = [{"setting": "storage-network", "value": '{ "vlan":60}'}]
PROOF = "storage network (VLAN 60)"
ENABLED = {"cluster_network": "mgmt", "vlan_id": 60, "range": "10.9.0.0/24"}
SHOWN = json.dumps(ENABLED, sort_keys=True)


def run(playground: Any, *arguments: str, network: Any = NETWORK, refused: str = "", **variables: Any) -> Any:
    members = [{"name": name, "machine_id": name, "boot_id": "old"} for name in ("n1", "n2")]
    found = {"nodes": members, "versions": {"harvester": "v1.8.2", "running_upgrade": None}}
    (playground.folder / "cluster.json").write_text(json.dumps(found))
    expect = {"n1": {"devices": [{"name": "mgmt-bo"}], "absent": []}}
    result = {"network": network, "recorded": RECORDED, "expect": expect}
    (playground.folder / "storage.json").write_text(json.dumps({"result": result, "refused": refused}))
    nodes = variables.pop("nodes", {"n1": {}, "n2": {}})
    given: dict[str, Any] = {"harvester_storage_network": ENABLED, "harvester_api": {}} | variables
    return playground.run(nodes, *arguments, playbook="storage_network", **given)


@pytest.mark.oldest
def test_it_is_judged_then_proved_then_changed(playground: Any) -> None:
    found = run(playground)
    assert found.status == 0, found.output
    assert found.of("judge", "change") == [f"cluster judge enabled {SHOWN}", f"cluster change enabled {SHOWN}"]
    kinds = [line.split()[1] for line in found.log]
    assert kinds == ["info", "judge", "probe", "probe", "paths", "paths", "unprobe", "unprobe", "change"]
    assert all(PROOF in line for line in found.of("paths"))
    text = found.text()
    assert text.index('"state": "recorded"') < text.index("Change the setting and wait for the whole cluster")


def test_a_vlan_that_does_not_pass_keeps_the_network_on(playground: Any) -> None:
    deaf = {f"{PROOF}|{node}": "no_path" for node in ("n1", "n2")}
    nodes = {"n1": {"unproved": deaf}, "n2": {"unproved": deaf}}
    found = run(playground, nodes=nodes, harvester_storage_network={"state": "disabled"})
    assert found.status != 0
    assert found.of("change") == []
    assert found.of("judge") == ["cluster judge disabled {}"]
    assert f"Not proved on the wire: {PROOF}" in found.text().replace("\\n", " ")


def test_what_is_refused_is_not_even_proved(playground: Any) -> None:
    found = run(playground, refused="Please stop all VMs")
    assert found.status != 0
    assert found.of("probe", "paths", "change") == []
    assert "Please stop all VMs" in found.output


def test_before_the_vms_stop_it_is_judged_only(playground: Any) -> None:
    found = run(
        playground, "--check", storage_network_before_vms_stop="true", harvester_storage_network={"state": "disabled"}
    )
    assert found.status == 0, found.output
    assert found.of("judge", "change") == ["cluster judge disabled before_vms_stop {}"]
    refused = run(playground, storage_network_before_vms_stop="true")
    assert refused.status != 0
    assert "storage_network_before_vms_stop=true judges a change that cannot be made yet" in refused.text()
    assert refused.of("judge", "change") == []


def test_without_a_vlan_nothing_is_proved_and_options_are_passed_on(playground: Any) -> None:
    found = run(
        playground,
        network=NETWORK | {"vlan_id": 0},
        change_permanent=True,
        change_allow_v2_volumes=True,
        change_allow_in_progress=True,
        harvester_storage_network={"state": "disabled"},
    )
    assert found.status == 0, found.output
    assert found.of("probe", "paths") == []
    assert "The storage network has no VLAN id" in found.text()
    words = "disabled permanent allow_v2_volumes allow_in_progress {}"
    assert found.of("judge", "change") == [f"cluster judge {words}", f"cluster change {words}"]


def test_it_is_for_all_nodes(playground: Any) -> None:
    found = run(playground, "--limit", "n1")
    assert found.status != 0
    assert "since the storage network reaches all of them; not in this run: n2" in found.text()
    assert found.log == []
