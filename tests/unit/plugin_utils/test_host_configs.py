# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host network configurations after a change: ready where they were, with devices of the new MTU."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._host_configs import host_config_findings

WHERE = "host network configuration 'backup': "


def recorded(**ready: bool) -> dict[str, Any]:
    said = {node: {"conditions": [{"type": "ready", "status": str(true)}]} for node, true in ready.items()}
    spec = {"clusterNetwork": "mgmt", "vlanID": 2030, "mode": "dhcp"}
    return {"metadata": {"name": "backup"}, "spec": spec, "status": {"nodeStatus": said}}


def now(*ready: str, **not_ready: str) -> list[dict[str, Any]]:
    said = [{"node": node, "message": message} for node, message in not_ready.items()]
    return [{"name": "backup", "ready_nodes": list(ready), "not_ready": said}]


def links(**mtus: int | None) -> dict[str, list[dict[str, Any]]]:
    """Node -> MTU of the device; None where it is not there."""
    return {
        node: [{"name": "mgmt-br", "mtu": 1500}, *([{"name": "mgmt-br.2030", "mtu": mtu}] if mtu else [])]
        for node, mtu in mtus.items()
    }


@pytest.mark.parametrize(
    ("before", "after", "devices", "findings"),
    [
        (recorded(n1=True, n2=True), now("n1", "n2"), links(n1=9000, n2=9000), []),
        # What was not ready before need not be now, and has no device.
        (recorded(n1=True, n2=False), now("n1", n2="no lease"), links(n1=9000, n2=None), []),
        (
            recorded(n1=True, n2=True),
            now("n1", n2="no lease"),
            links(n1=9000, n2=9000),
            ["it was ready on n2, and is not: no lease"],
        ),
        (
            recorded(n1=True, n2=True),
            now("n1"),
            links(n1=9000, n2=9000),
            ["it was ready on n2, and is not: its agent says nothing of it"],
        ),
        (recorded(n1=True), now("n1"), links(n1=None), ["n1 has no device mgmt-br.2030"]),
        (
            recorded(n1=True, n2=False),
            now("n1"),
            links(n1=1500, n2=1500),
            ["mgmt-br.2030 of n1 has MTU 1500", "mgmt-br.2030 of n2 has MTU 1500"],
        ),
        (recorded(n1=True), [], links(n1=9000), ["it is gone; the record of the change has it whole, make it again"]),
    ],
)
def test_what_is_otherwise(before: Any, after: Any, devices: Any, findings: list[str]) -> None:
    assert host_config_findings([before], after, devices, 9000) == [WHERE + line for line in findings]
