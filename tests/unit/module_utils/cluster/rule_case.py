# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of the tables: a rule, a change, and what the rule says to it."""

from __future__ import annotations

from dataclasses import dataclass

from cluster_objects import BASE

from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot


@dataclass(frozen=True)
class Case:
    """rule: its id. label: what is tried. messages: what the rule says, nothing when it is silent. on: the cluster."""

    rule: str
    label: str
    change: Change
    messages: tuple[str, ...]
    on: Snapshot
    version: str

    def __str__(self) -> str:
        return "%s-%s" % (self.rule, self.label)


def case(rule: str, label: str, change: Change, *messages: str, on: Snapshot = BASE, version: str = "") -> Case:
    return Case(rule, label, change, messages, on, version)
