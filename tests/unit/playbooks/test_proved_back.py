# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollback of a cluster network's MTU: no VM starts before its VLANs are proved at the MTU of before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _record

pytestmark = pytest.mark.playbook

STAMP = "2026-11-26T01:02:03Z"
NAMES = ("n1", "n2")
PATH = {"name": "VLAN 100 of cn1", "vlan_id": 100, "bridge": "cn1-br", "mtu": 9000, "nodes": list(NAMES)}
BEFORE = {"configs": [{"name": "rack-a", "object": {}, "expected": None}], "host_configs": []}
CHANGE = _record.Phase(
    "config-change",
    "harvester.network.cluster_network",
    600,
    {"paths_back": [PATH], "legs": True},
    {"cluster": BEFORE, "hosts": {}},
    "done",
    STAMP,
    STAMP,
)
RECORD = _record.Record(
    "20261126t010203z-cluster-network-mtu",
    "cluster_network_mtu",
    STAMP,
    inputs={"change_mtu_from": "9000", "change_mtu_to": "1500"},
    nodes=dict.fromkeys(NAMES, "u"),
    phases=(CHANGE,),
)


def test_a_port_that_is_too_small_stops_it(playground: Any) -> None:
    (playground.folder / "record.json").write_text(json.dumps(_record.written(RECORD)))
    (playground.folder / "cluster.json").write_text("{}")
    well: dict[str, Any] = {"n1": {}, "n2": {}}
    given: dict[str, Any] = {"playbook": "rollback", "harvester_api": {"kubeconfig": "/kube/config"}}

    def state() -> tuple[str, str]:
        read = json.loads((playground.folder / "record.json").read_text())
        return read["state"], read["phases"][0]["state"]

    refused = playground.run(well, "--check", **given)
    assert refused.status != 0
    assert "the hosts go back to 9000 bytes, which switches drop whose ports were lowered since." in refused.text()
    dead = {"n1": {"legs": [{"port": "eno2", "status": "down", "why": "no link"}]}, "n2": {}}
    stopped = playground.run(dead, change_switches_ready=True, **given)
    assert stopped.status != 0
    assert "leg eno2" in stopped.text(), stopped.output
    assert state() == ("open", "done")
    small = {"n1": {"unproved": {"VLAN 100 of cn1|n2": "mtu_too_small"}}, "n2": {}}
    failed = playground.run(small, change_switches_ready=True, **given)
    assert failed.status != 0
    for line in (
        "Not proved on the wire at the MTU of before, to which the hosts go back, so nothing else is undone",
        "VLAN 100 of cn1: n1 to n2: ",
        "still to undo: config-change",
    ):
        assert line in failed.text(), failed.output
    assert (failed.of("configs"), state()) == (["cluster configs rack-a"], ("open", "done"))
    again = playground.run(dead, change_switches_ready=True, change_prove_legs=False, **given)
    assert again.status == 0, again.output
    assert state() == ("rolled-back", "undone")
