# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight reads of a real node."""

from __future__ import annotations

import pytest
from runs import Ansible

from lab import Node

pytestmark = pytest.mark.nodes

SETTING = "net.ipv4.conf.mgmt-br/2017.arp_ignore = 2"


@pytest.mark.long
def test_identity_nics_and_arp_settings(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    node.run(f"echo '{SETTING}' > /etc/sysctl.d/90-lb.conf && sysctl -q -p /etc/sysctl.d/90-lb.conf")

    bad = ansible.module("host_info", {"device": ["mgmt-br"]})
    assert bad.of("node1").msg == "options: device: unknown option; did you mean 'devices'?"

    run = ansible.module("host_info", {}, check=True)
    assert run.status == 0, run.output
    assert not run.warnings()
    found = run.of("node1").result
    assert not found["changed"]
    assert found["machine_id"] == node.output("cat /etc/machine-id").strip()
    assert found["boot_id"] == node.output("cat /proc/sys/kernel/random/boot_id").strip()
    nics = {nic["name"]: nic for nic in found["nics"]}
    assert {nics[name]["driver"] for name in ("eno1", "eno2")} == {"virtio_net"}
    assert {nics[name]["controller"] for name in ("eno1", "eno2")} == {"mgmt-bo"}
    assert all(nics[name]["carrier"] and nics[name]["max_mtu"] >= 9000 for name in ("eno1", "eno2"))
    arp = {item["device"]: (item["effective"], item["set_by"]) for item in found["arp_ignore"]}
    line = {"path": "/etc/sysctl.d/90-lb.conf", "line": 1, "key": "net/ipv4/conf/mgmt-br.2017/arp_ignore", "value": "2"}
    assert arp["mgmt-br.2017"] == (2, [line])
    assert arp["mgmt-br"] == (0, [])
