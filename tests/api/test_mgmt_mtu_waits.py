# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu whose waits do not end, or whose API is away: it stops, or waits, and nothing is lost."""

from __future__ import annotations

import time

import pytest
from played_nodes import UP, Nodes, everywhere
from stage import good

pytestmark = [pytest.mark.api, pytest.mark.long]

LIVE = "harvester.network.mgmt_network : Change the profiles and make them live"


@pytest.mark.fault("mgmt_mtu", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(nodes: Nodes) -> None:
    """The run ends in its first phase; no host was touched, and what runs still is told by name."""
    vms, control = nodes.vms(), nodes.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = nodes.run(vm_wait_timeout=15, **UP)
    assert failed.status != 0
    assert "VM 'default/shell': its instance is Running on node" in failed.text, failed.output
    assert "begun: vms-stop" in failed.text
    assert (nodes.links(), nodes.changes(), nodes.states()) == (everywhere(1500), [], ["open"])
    control.delay(vm_stop=0.0, grace_second=1.0)
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert nodes.states() == ["done"]


@pytest.mark.fault("mgmt_mtu", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(nodes: Nodes) -> None:
    """While a node changes, as when the API's own address is on it."""
    vms = nodes.vms()

    def away() -> None:
        nodes.cluster.stop()
        nodes.go_on()
        time.sleep(30)
        nodes.cluster.ensure_forwarder()

    good(nodes.disturbed(LIVE + "#1", away, **UP))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert nodes.states() == ["done"]
