# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module reads the kinds that the rules for its objects look at: with one missing a rule would see no objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cluster_objects import BASE
from test_rules import CASES

from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._plan import Step, judge
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import (
    _cluster_network,
    _host_config,
    _network_config,
    _storage_network,
    _vm_network,
)

KINDS = {
    "vlanconfigs": _network_config.KINDS,
    "clusternetworks": _cluster_network.KINDS,
    "hostnetworkconfigs": _host_config.KINDS,
    "nads": _vm_network.KINDS,
    "settings": _storage_network.KINDS,
}


class Watched(dict[str, Any]):
    """A snapshot's tables that note which of them are looked at."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        super().__init__(tables)
        self.seen: set[str] = set()

    def __getitem__(self, kind: str) -> Any:
        self.seen.add(kind)
        return super().__getitem__(kind)


def watched(snapshot: Snapshot) -> tuple[Snapshot, Watched]:
    tables = Watched(snapshot._tables)
    return Snapshot(tables, snapshot.host_vlans), tables


def test_a_watched_snapshot_notes_what_is_read() -> None:
    snapshot, tables = watched(BASE)
    assert list(snapshot.nodes) == ["n1", "n2", "n3", "w1"]
    assert tables.seen == {"nodes"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_rules_look_at_no_kind_that_the_module_does_not_read(kind: str) -> None:
    cases = [case for case in CASES if case.change.kind == kind]
    assert len(cases) > 10
    for case in cases:
        snapshot, tables = watched(case.on)
        judge(snapshot, [as_step(snapshot, case.change)])
        assert tables.seen <= set(KINDS[kind]), str(case)


def as_step(snapshot: Snapshot, change: Change) -> Step:
    before = snapshot.get(change.kind, change.name, change.namespace)
    return Step(change.kind, before, change.object)
