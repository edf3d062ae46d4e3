# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node whose session is lost while a phase is undone: the phase is not undone, and nobody says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _record

pytestmark = pytest.mark.playbook

ID, STAMP = "20261126t010203z-mgmt-mtu", "2026-11-26T01:02:03Z"
PLAY = """\
- name: Roll back
  hosts: harvester_nodes
  gather_facts: false
  strategy: ansible.builtin.linear
  any_errors_fatal: true
  tasks:
    - name: Roll back
      ansible.builtin.import_role:
        name: harvester.network.change
        tasks_from: {file}
"""
# With ignore_errors alone Ansible goes on without the node.
UNDO = """\
- name: Lose a node
  ansible.builtin.copy:
    content: ""
    dest: "{{ stub_folder }}/away"
    mode: "0600"
  delegate_to: localhost
  when: inventory_hostname == 'n2'

- name: Ask the nodes
  ansible.builtin.ping:
  ignore_errors: true
"""


def play(folder: Path, file: str) -> str:
    """A playbook of an entry point of role change, and beside it the role of its phase, which loses n2."""
    tasks = folder / "roles/losing/tasks"
    tasks.mkdir(parents=True)
    (tasks / "undo.yml").write_text(UNDO)
    (folder / "play.yml").write_text(PLAY.format(file=file))
    return str(folder / "play.yml")


def test_the_rollback_stops(playground: Any) -> None:
    phase = _record.Phase("hosts", "losing", 60, {}, {"cluster": None, "hosts": {}}, "done", STAMP, STAMP)
    record = _record.Record(ID, "mgmt_mtu", STAMP, nodes={"n1": "u1", "n2": "u2"}, phases=(phase,))
    (playground.folder / "record.json").write_text(json.dumps(_record.written(record)))
    (playground.folder / "cluster.json").write_text("{}")
    found = playground.run({"n1": {}, "n2": {}}, playbook=play(playground.folder, "rollback"))
    assert found.status != 0, found.output
    assert "lost on the way: n2. See that every node answers, and start the playbook again." in found.text()
    assert found.of("undone", "closed") == []
    read = json.loads((playground.folder / "record.json").read_text())
    assert (read["state"], read["direction"], read["phases"][0]["state"]) == ("open", "back", "done")
    # Once it is there again, the next run goes on with the same phase.
    (playground.folder / "n2/away").unlink()
    (playground.folder / "roles/losing/tasks/undo.yml").write_text("[]")
    again = playground.run({"n1": {}, "n2": {}}, playbook=str(playground.folder / "play.yml"))
    assert again.status == 0, again.output
    assert json.loads((playground.folder / "record.json").read_text())["state"] == "rolled-back"


@pytest.mark.parametrize("ignored", [True, False], ids=["errors ignored", "plain"])
def test_the_other_hosts_do_not_wait_without_the_api(playground: Any, ignored: bool) -> None:
    phase = {"place": 0, "id": "hosts", "role": "losing", "input": {}, "before": None}
    (playground.folder / "kept.json").write_text(json.dumps([{"id": ID, "phases": [phase]}]))
    playbook = play(playground.folder, "hosts")
    if not ignored:
        undo = playground.folder / "roles/losing/tasks/undo.yml"
        undo.write_text(UNDO.replace("  ignore_errors: true\n", ""))
    found = playground.run({"n1": {}, "n2": {}}, playbook=playbook)
    assert "lost on the way: n2, so that not all of it is undone there." in found.text()
    assert "run this again with --limit n2." in found.text()
    assert f"The other hosts are as before change {ID}" in found.text()
