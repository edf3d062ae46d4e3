# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback while a node is not Ready. The rest of sessions is proved against an API."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest
from change_samples import BEGUN, NOW, UNDER_WAY

from ansible_collections.harvester.network.plugins.module_utils.change import _phases
from ansible_collections.harvester.network.plugins.module_utils.change._record import Record
from ansible_collections.harvester.network.plugins.module_utils.change._session import NotReady, Session


class Held(Session):
    """A session with one open change, in a cluster whose node2 is not Ready. It writes nothing."""

    known: Record = BEGUN

    @property
    def store(self) -> Any:
        found = [SimpleNamespace(record=self.known)]
        return SimpleNamespace(lease=lambda: None, records=lambda _state: found)

    def _cluster(self) -> Any:
        nodes = [SimpleNamespace(name=name, ready=name != "node2") for name in ("node1", "node2", "node3")]
        return SimpleNamespace(nodes={node.name: node for node in nodes})


def back(record: Record) -> str:
    session = Held(None, "ns", dry=True)  # type: ignore[arg-type]
    object.__setattr__(session, "known", record)
    return session.back().report


STOPPED = _phases.done(_phases.started(BEGUN, "vms-stop", None, NOW), "vms-stop", NOW)


def test_vms_alone_do_not_wait_for_it() -> None:
    assert back(STOPPED) == (
        "not Ready: node node2; VMs go back all the same, since nothing else was changed. What only that node can run"
        " stays as it is, and is named"
    )
    assert back(dataclasses.replace(STOPPED, nodes={"node1": "uid-1"})) == ""


@pytest.mark.parametrize("role", ["mgmt_network", "storage_network", "cluster_network", "mgmt_annotation"])
def test_whatever_else_was_touched_does(role: str) -> None:
    """Also once nothing but VMs is left to be undone."""
    first, second, last = UNDER_WAY.phases
    hosts = dataclasses.replace(second, role=f"harvester.network.{role}")
    record = dataclasses.replace(UNDER_WAY, phases=(first, hosts, last))
    for one in (record, _phases.undone(_phases.turned_back(record), "hosts", NOW)):
        with pytest.raises(NotReady, match=r"^not Ready: node node2; every node of the change takes part"):
            back(one)
