# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that somebody starts while the management network changes, or goes back: what stops, and what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _record

pytestmark = pytest.mark.playbook

ID, STAMP = "20261126t010203z-mgmt-mtu", "2026-11-26T01:02:03Z"
PLAY = """\
- name: Look for VMs
  hosts: harvester_nodes
  gather_facts: false
  strategy: ansible.builtin.linear
  any_errors_fatal: true
  vars:
    change_phase_input: {told}
    change_phase_offline: false
    change_opened: {{change: {{id: {id}}}, runner: r1}}
    change_namespace: harvester-system
    change_copy_dir: ""
    change_left_out_nodes: {gone}
    mgmt_mtu_turn: n2
  tasks:
    - name: Look
      ansible.builtin.include_role:
        name: harvester.network.{role}
        tasks_from: {tasks}
        rolespec_validate: false
"""
RUNS = "VM 'default/a': its instance is Running"
ALL, SOME = {"all": True}, {"cluster_networks": ["mgmt"], "pod_network": True}
STOPS = (
    f"VMs run whose volumes have their replicas on the management network, so n2 is not put back: {RUNS}. Somebody has"
    " started them. Stop them, then run harvester.network.rollback again, with the same variables"
)
TELLS = f"Warning: somebody has started VMs that lose the network for moments while it goes back: {RUNS}."

# Role and tasks, the input of the phase, nodes that are gone, what runs; what is said, whether it goes on.
ROWS: dict[str, tuple[str, str, dict[str, Any], list[str], list[str], str, bool]] = {
    "back, replicas on mgmt": (
        *("mgmt_mtu", "running_back"),
        *({"vms": ALL, "volumes": "detached"}, [], [RUNS], STOPS, False),
    ),
    "back, replicas on mgmt, without a node that is gone": (
        *("mgmt_mtu", "running_back"),
        *({"vms": ALL, "volumes": "detached"}, ["n3"], [RUNS], TELLS, True),
    ),
    "back, replicas elsewhere": (
        *("mgmt_mtu", "running_back"),
        *({"vms": SOME, "volumes": "any"}, [], [RUNS], TELLS, True),
    ),
    "back, volumes that bear it": (
        *("mgmt_mtu", "running_back"),
        *({"vms": SOME, "volumes": "healthy"}, [], [RUNS], TELLS, True),
    ),
    "back, nobody has": (
        *("mgmt_mtu", "running_back"),
        *({"vms": ALL, "volumes": "detached"}, [], [], "", True),
    ),
    "forth": (
        *("mgmt_mtu", "running"),
        *({"vms": SOME}, [], [RUNS]),
        *(f"VMs use the management network again, so no further node is changed: {RUNS}.", False),
    ),
    "forth, the pod network": (
        *("overlay_mtu", "running"),
        *({"vms": ALL, "mtu": 8950, "mtu_from": 1450}, [], [RUNS]),
        *(f"VMs use the management network again, so flannel.1 is not changed: {RUNS}.", False),
    ),
    "the pod network, of a change that does not say whose": (
        *("overlay_mtu", "running"),
        *({"mtu": 8950, "mtu_from": 1450}, [], [RUNS], "", True),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_vms_that_run_meanwhile(playground: Any, name: str) -> None:
    role, tasks, told, gone, running, says, goes_on = ROWS[name]
    phase = _record.Phase("hosts", "x", 60, told, {"cluster": None, "hosts": {}}, "done", STAMP, STAMP)
    record = _record.Record(ID, "mgmt_mtu", STAMP, nodes={"n1": "u1", "n2": "u2"}, phases=(phase,))
    (playground.folder / "record.json").write_text(json.dumps(_record.written(record)))
    (playground.folder / "cluster.json").write_text("{}")
    (playground.folder / "power.json").write_text(json.dumps({"check": {"missing": running}}))
    given = {"told": json.dumps(told), "gone": json.dumps(gone), "id": ID, "role": role, "tasks": tasks}
    (playground.folder / "play.yml").write_text(PLAY.format(**given))
    ran = playground.run({"n1": {}, "n2": {}}, playbook=str(playground.folder / "play.yml"))
    assert (ran.status == 0) is goes_on, ran.output
    assert says in ran.text(), ran.output
    assert ("Warning: somebody has started VMs" in ran.text()) is (says == TELLS)
    notes = json.loads((playground.folder / "record.json").read_text())["notes"]
    assert notes == ({"ran_on_the_way_back": RUNS} if says == TELLS else {})
