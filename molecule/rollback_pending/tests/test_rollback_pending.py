# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles and kernel of every node are what they were before the change, and nothing waits on it any more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from leftovers import on_node

testinfra_hosts = ["ansible://harvester_nodes"]


def test_the_profiles_are_back_to_the_byte(host: Any) -> None:
    with host.sudo():
        found = host.run("diff -r /var/tmp/profiles-before /etc/NetworkManager/system-connections")
    assert (found.rc, found.stdout) == (0, "")


@pytest.mark.parametrize("device", ["mgmt-bo", "mgmt-br", "mgmt-br.2017"])
def test_the_kernel_has_its_mtu_back(host: Any, device: str) -> None:
    links = {link["ifname"]: link["mtu"] for link in json.loads(host.check_output("ip -j link show"))}
    assert links[device] == 1500


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []
