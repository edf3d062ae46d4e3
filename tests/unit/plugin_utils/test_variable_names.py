# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables whose name is nearly that of an option."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils import _variable_names

KNOWN = _variable_names.names(Path(__file__).parents[3])


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("change_window_ends", "change_window_end"),
        ("change_windowend", "change_window_end"),
        ("change_swtiches_ready", "change_switches_ready"),
        ("change_mtu_form", "change_mtu_from"),
        ("change_accept_vms", "change_accepted_vms"),
        ("change_take_over", "change_takeover"),
    ],
)
def test_what_is_nearly_an_option_is_told(given: str, meant: str) -> None:
    expected = [f"{given}: no playbook has this variable; did you mean {meant}?"]
    assert _variable_names.misspelled([given, "change_mtu_to"], KNOWN) == expected


@pytest.mark.parametrize("own", ["change_ticket", "change_vm", "change_evidence", "changes", "change_", "window_ends"])
def test_the_users_own_variables_are_left_alone(own: str) -> None:
    assert _variable_names.misspelled([own], KNOWN) == []


def test_what_playbooks_and_roles_have_is_none() -> None:
    assert {"change_mtu_to", "change_scope"} <= KNOWN.options
    assert {"change_accepted", "change_opened", "change_phase_before"} <= KNOWN.used
    assert _variable_names.misspelled([*KNOWN.options, *KNOWN.used], KNOWN) == []
