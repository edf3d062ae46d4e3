# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change for tests: three phases, of which the first is done and the second has begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record

NOW = datetime(2026, 11, 25, 23, 13, 51, tzinfo=UTC)
ID = "20261125t231351z-mgmt-mtu"
INPUTS: dict[str, Any] = {"change_mtu_from": 1500, "change_mtu_to": "9000"}
NODES = {"node1": "uid-1", "node2": "uid-2"}
PLANNED = (
    Phase("vms-stop", "harvester.network.vms", 600, {"vms": ["default/a"]}),
    Phase("hosts", "harvester.network.mgmt_network", 900),
    Phase("vms-start", "harvester.network.vms", 600),
)
BEGUN = Record(ID, "mgmt_mtu", "2026-11-25T23:13:51Z", INPUTS, NODES, PLANNED)
STAMP = "2026-11-25T23:20:00Z"
UNDER_WAY = Record(
    ID,
    "mgmt_mtu",
    "2026-11-25T23:13:51Z",
    INPUTS,
    NODES,
    (
        Phase("vms-stop", "harvester.network.vms", 600, {"vms": ["default/a"]}, {"a": "Always"}, "done", STAMP, STAMP),
        Phase("hosts", "harvester.network.mgmt_network", 900, None, {"node1": 1500}, "started", STAMP),
        Phase("vms-start", "harvester.network.vms", 600),
    ),
)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
