# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that are undone unless they are confirmed: role mgmt_network, reboots, and playbook rollback_pending."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.playbook

GO = {"change_without_cluster": True, "change_prove": False}
STORY = "change 'c1' of this node's profiles, by rancher at 2026-01-01T00:00:00Z, was undone at 2026-01-01T00:05:00Z"


def test_every_node_is_confirmed_before_the_next_one_is_changed(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {}}, **GO)
    assert found.status == 0, found.output
    assert found.of("live", "confirmed", "restored", "reach") == [
        "n1 reach gateway, node 192.0.2.2",
        "n1 live",
        "n1 reach gateway, node 192.0.2.2",
        "n1 confirmed",
        "n2 reach gateway, node 192.0.2.1",
        "n2 live",
        "n2 reach gateway, node 192.0.2.1",
        "n2 confirmed",
    ]


def test_what_answered_before_and_does_not_any_more_undoes_the_change(playground: Any) -> None:
    found = playground.run({"n1": {"deaf": True}, "n2": {}}, **GO)
    assert found.status != 0
    assert found.of("live", "confirmed", "restored") == ["n1 live", "n1 confirmed", "n1 restored"]
    expected = (
        "n1: the change was not confirmed: not reached any more: gateway (no answer), node 192.0.2.2 (no answer)."
        f" On the node: {STORY}. It reaches everything that it reached before."
    )
    assert expected in found.text()


def test_a_confirm_that_comes_too_late_is_told(playground: Any) -> None:
    found = playground.run({"n1": {"late": True}}, **GO)
    assert found.status != 0
    assert f"n1: the change was not confirmed: it is too late to confirm: {STORY}." in found.text()


def test_a_node_with_a_pending_change_is_refused_before_anything(playground: Any) -> None:
    found = playground.run({"n1": {"pending_confirm": True}, "n2": {}}, **GO)
    assert found.status != 0
    assert found.of("live", "confirmed", "restored") == []
    assert (
        "n1: an earlier change 'c1' by rancher at 2026-01-01T00:00:00Z waits to be confirmed, for 300 s. Confirm or"
        " undo it with playbook rollback_pending"
    ) in found.text()


def test_a_node_that_has_what_is_wanted_and_may_lose_it_again_is_refused(playground: Any) -> None:
    """A runner that died after the change left it so: to say that nothing is to be done would not last."""
    found = playground.run({"n1": {"wanted": False, "pending_confirm": True}}, **GO)
    assert found.status != 0
    assert (
        "n1: an earlier change 'c1' by rancher at 2026-01-01T00:00:00Z waits to be confirmed, for 300 s."
        in found.text()
    )


def test_a_first_answer_that_was_lost_has_confirmed_the_change(playground: Any) -> None:
    found = playground.run({"n1": {"answer_lost": True}}, **GO)
    assert found.status == 0, found.output
    assert found.of("live", "confirmed", "restored") == ["n1 live", "n1 confirmed", "n1 confirmed"]


def test_without_it_nothing_is_asked(playground: Any) -> None:
    found = playground.run({"n1": {}}, change_commit_confirm=False, **GO)
    assert found.status == 0, found.output
    assert found.of("reach", "confirmed") == []


@pytest.mark.long
def test_a_node_that_is_rebooted_is_confirmed_after_its_gates(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {}}, change_apply="reboot", **GO)
    assert found.status == 0, found.output
    # The window of the boot, and a longer one while the gates are passed.
    assert found.of("boot", "extended", "confirmed", "reach") == [
        "n1 boot",
        "n1 extended 720",
        "n1 confirmed",
        "n2 boot",
        "n2 extended 720",
        "n2 confirmed",
    ]


def test_rollback_pending_shows_and_undoes(playground: Any) -> None:
    nodes = {"n1": {"pending_confirm": True}, "n2": {}}
    shown = playground.run(nodes, "--check", playbook="rollback_pending")
    assert shown.status == 0, shown.output
    assert "n1: change 'c1' waits to be confirmed" in shown.text()
    found = playground.run(nodes, playbook="rollback_pending")
    assert found.status == 0, found.output
    assert found.of("restored", "confirmed") == ["n1 restored"]
    assert f"n1: {STORY}" in found.text()


def test_rollback_pending_keeps_what_it_is_told_to_keep(playground: Any) -> None:
    found = playground.run({"n1": {"pending_confirm": True}}, playbook="rollback_pending", change_resolve="confirm")
    assert found.status == 0, found.output
    assert found.of("restored", "confirmed") == ["n1 confirmed"]


def test_rollback_pending_says_when_there_is_nothing(playground: Any) -> None:
    found = playground.run({"n1": {}}, playbook="rollback_pending")
    assert found.status == 0, found.output
    assert "No change waits to be confirmed on any node." in found.output


LEFT = """\
- name: Resolve what an earlier run left
  hosts: harvester_nodes
  gather_facts: false
  strategy: ansible.builtin.linear
  any_errors_fatal: true
  tasks:
    - name: Leave a change
      ansible.builtin.copy:
        content: ""
        dest: "{{ stub_folder }}/armed"
        mode: "0600"
      delegate_to: localhost
      become: false

    - name: Resolve it
      ansible.builtin.include_role:
        name: harvester.network.commit_confirm
        tasks_from: resolve
"""


def test_a_session_that_ends_with_what_is_put_back_does_not_end_the_run(playground: Any) -> None:
    play = playground.folder / "left.yml"
    play.write_text(LEFT)
    found = playground.run({"n1": {"answer_lost": True}, "n2": {}}, playbook=str(play))
    assert found.status == 0, found.output
    assert "the stub's answer was lost" in found.text()
    assert found.of("restored") == ["n1 restored", "n2 restored", "n1 restored"]
