# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of runbooks that a change records: a run that goes on needs the same, all others may differ."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]

MAY_DIFFER = {
    # How the runner reaches the cluster, and where it keeps and writes what.
    "harvester_api",
    "change_namespace",
    "change_copy_dir",
    "change_node_folder",
    "change_evidence_dir",
    "change_runner_outside",
    # When it runs, how far, and how long it waits.
    "change_takeover",
    "change_stop_before",
    "change_window",
    "change_window_end",
    "change_wait_timeout",
    "change_vm_wait_timeout",
    "change_storage_wait_timeout",
    "change_reboot_timeout",
    "change_switch_bound",
    "change_confirm_timeout",
    "change_confirm_targets",
    "change_commit_confirm",
    "change_etcd_snapshot",
    # What the operator vouches for, or bears.
    "change_switches_ready",
    "change_switch_tasks",
    "change_pod_network_mtu_ready",
    "change_gitops_paused",
    "change_guest_clusters_paused",
    "change_allow_v2_volumes",
    "change_allow_in_progress",
    "change_accepted_vms",
    "change_gone_vms",
    "change_force",
    "change_busy_vms",
    "change_min_grace",
    "change_start_batch",
    # What is proved, where a port has died since.
    "change_prove",
    "change_prove_paths",
    "change_prove_legs",
}

# Runbook -> variables that go into an input of another name, or that the phases do not follow from.
ELSEWHERE: dict[str, set[str]] = {
    "mgmt_mtu": {"harvester_mgmt", "harvester_cluster_networks"},
    "mgmt_mtu_annotate": set(),
    "cluster_network_mtu": {"harvester_cluster_networks"},
    # In network_wish; and what was there, which is compared before anything begins.
    "cluster_network_change": {
        "harvester_cluster_networks",
        "change_uplink",
        "change_configs",
        "change_node_labels",
        "change_mode_from",
        "change_nics_from",
    },
    "storage_network": set(),
    "vm_power": set(),
}


def _load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def _recorded(name: str) -> set[str]:
    """The variables among the inputs of the change."""
    called = [
        task["vars"]
        for play in _load(f"playbooks/{name}.yml")
        for task in play["tasks"]
        if "change_inputs" in str(task)
    ]
    (given,) = called
    inputs = given["change_inputs"]
    if isinstance(inputs, str):
        inputs = {key for part in re.findall(r"mgmt_mtu\w*_inputs", inputs) for key in given[part]}
    return {key for key in inputs if key.startswith(("change_", "harvester_"))}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_variable_is_recorded_or_may_differ(name: str) -> None:
    options = set(_load(f"playbooks/argument_specs/{name}.yml")["argument_specs"]["main"]["options"])
    recorded = _recorded(name)
    assert recorded & (MAY_DIFFER | ELSEWHERE[name]) == set()
    assert options - MAY_DIFFER - ELSEWHERE[name] == recorded


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_default_among_the_inputs_is_the_documented_one(name: str) -> None:
    """A run that says it and one that does not have begun the same change."""
    options = _load(f"playbooks/argument_specs/{name}.yml")["argument_specs"]["main"]["options"]
    text = (ROOT / f"playbooks/{name}.yml").read_text()
    found = re.findall(r"^ +(change_\w+): .*\| default\(([^)]*)\)", text, flags=re.MULTILINE)
    given = {key: value for key, value in found if key in options}
    empty = {"str": "", "path": "", "list": [], "dict": {}}
    wanted = {key: options[key].get("default", empty.get(options[key]["type"])) for key in given}
    assert {key: yaml.safe_load(value) for key, value in given.items()} == wanted
