# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role preflight judges the wanted state against a real API: what the modules would refuse, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.apiserver import Client, Cluster

pytestmark = pytest.mark.api

V1BETA1 = "network.harvesterhci.io/v1beta1"
RACK_A = {"topology.kubernetes.io/zone": "rack-a"}
GOOD = {
    "name": "vm",
    "uplink": {"mtu": 9000},
    "configs": [
        {"name": "vm-a", "node_selector": RACK_A, "nics": ["eno3"]},
        {"name": "vm-b", "node": "node3", "nics": ["ens3f2"]},
    ],
    "vm_networks": [{"name": "prod", "vlan_id": 300}],
}
BAD = {
    "name": "vm",
    "uplink": {"mtu": 9000},
    # racks have other NICs
    "configs": [{"name": "vm-all", "all_nodes": True, "nics": ["eno3"]}],
}
PLAY: list[dict[str, Any]] = [
    {
        "hosts": "harvester_nodes",
        "gather_facts": False,
        "module_defaults": {"group/harvester.network.cluster": {"kubeconfig": "{{ kubeconfig }}"}},
        "tasks": [
            {
                "include_role": {"name": "harvester.network.preflight", "tasks_from": "wanted.yml", "public": True},
                "vars": {"preflight_cluster_networks": "{{ wanted }}"},
            },
            {
                "copy": {
                    "dest": "{{ answer }}",
                    "content": "{{ [] | harvester.network.preflight_findings({}, {}, preflight_calls) | to_json }}",
                },
                "run_once": True,
            },
        ],
    }
]


def judged(cluster: Cluster, folder: Path, wanted: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The findings about this wanted state."""
    (folder / "play.json").write_text(json.dumps(PLAY))
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts: dict[str, Any] = {name: {} for name in ("node1", "node2", "node3")}
    (folder / "hosts.json").write_text(json.dumps({"harvester_nodes": {"hosts": hosts, "vars": local}}))
    given = {"wanted": wanted, "kubeconfig": str(cluster.kubeconfig), "answer": str(folder / "answer.json")}
    argv = ["ansible-playbook", "play.json", "-i", "hosts.json", "-e", json.dumps(given)]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=0" in done.stdout.partition("node2")[2]
    found: list[dict[str, str]] = json.loads((folder / "answer.json").read_text())
    return found


def test_a_wanted_state_that_is_fine_has_no_findings(installed: Client, running: Cluster, tmp_path: Path) -> None:
    assert judged(running, tmp_path, [GOOD]) == []
    assert installed.list(V1BETA1, "VlanConfig") == []
    names = [item["metadata"]["name"] for item in installed.list(V1BETA1, "ClusterNetwork")]
    assert names == ["mgmt"]


def test_what_would_be_refused_is_told_with_its_rule(installed: Client, running: Cluster, tmp_path: Path) -> None:
    other = {"name": "other", "configs": [{"name": "other-a", "node": "node1", "nics": ["eno9"]}]}
    findings = judged(running, tmp_path, [BAD, other])
    assert {(finding["severity"], finding["check"]) for finding in findings} == {("error", "wanted")}
    lines = [finding["line"] for finding in findings]
    assert any("rule config-nic-missing of this collection" in line and "node3" in line for line in lines), lines
    assert any("eno9" in line for line in lines), lines
    assert installed.list(V1BETA1, "VlanConfig") == []


def test_removing_a_network_with_its_vm_networks_is_no_finding(
    installed: Client, running: Cluster, tmp_path: Path
) -> None:
    gone = {"name": "vm", "state": "absent", "vm_networks": [{"name": "prod"}]}
    assert judged(running, tmp_path, [gone]) == []
