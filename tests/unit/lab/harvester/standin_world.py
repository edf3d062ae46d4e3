# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory with every controller of `Controllers` at work, for tests of one of them among the others."""

from __future__ import annotations

from typing import Any

from standin_objects import cluster, node, obj

from lab.harvester import kinds
from lab.harvester.controllers import Controllers
from lab.harvester.kinds import Kind
from lab.harvester.moment import Moment
from lab.harvester.objects import Obj
from lab.harvester.settings import Delays, Faults
from lab.harvester.versions import VERSIONS
from lab.harvester.view import get
from lab.harvester.writes import apply

NOW = "2026-01-01T00:00:00Z"
STORED = (
    kinds.LONGHORN_VOLUME,
    kinds.LONGHORN_ENGINE,
    kinds.LONGHORN_REPLICA,
    kinds.LONGHORN_NODE,
    kinds.LONGHORN_SETTING,
)
QUICK = Delays(pod_stop=0.0, rebuild=0.0, migration=0.0)


def booted(name: str, boot: str = "b1", ready: bool = True, **labels: str) -> Obj:
    found = node(name, ready=ready, labels={key.replace("__", "/"): value for key, value in labels.items()})
    found["status"]["nodeInfo"] = {"bootID": boot}
    return found


def named(kind: Kind, name: str, namespace: str = "", **rest: Any) -> tuple[Kind, Obj]:
    return kind, obj(kind, name, namespace, **rest)


class World:
    """``clock`` in seconds; `settle` looks until nothing is written any more."""

    def __init__(
        self,
        *objects: tuple[Kind, Obj],
        delays: Delays = QUICK,
        faults: Faults | None = None,
        version: str = "1.8",
    ) -> None:
        self.view = cluster(served=STORED)
        for number in (1, 2, 3):
            self.view.put(kinds.NODE, booted(f"node{number}"))
        for kind, item in objects:
            self.view.put(kind, item)
        self.controllers = Controllers()
        self.delays = delays
        self.faults = faults or Faults()
        self.version = VERSIONS[version]
        self.clock = 0.0

    def settle(self) -> None:
        for _ in range(40):
            moment = Moment(self.clock, NOW, self.delays, self.faults, self.version)
            wrote = False
            for writes in self.controllers.writes(self.view, moment):
                apply(self.view, writes)
                wrote |= bool(writes)
            if not wrote:
                return
        raise AssertionError("never at rest")

    def get(self, kind: Kind, name: str, namespace: str = "") -> Obj:
        found = get(self.view, kind, name, namespace)
        assert found, f"{kind.kind} {namespace}/{name} is not there"
        return found

    def find(self, kind: Kind, name: str, namespace: str = "") -> Obj | None:
        return get(self.view, kind, name, namespace)

    def put(self, kind: Kind, item: Obj) -> None:
        self.view.put(kind, item)
