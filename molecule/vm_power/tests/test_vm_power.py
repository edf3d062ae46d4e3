# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of the change is left on the nodes."""

from __future__ import annotations

from typing import Any

testinfra_hosts = ["ansible://harvester_nodes"]


def test_nothing_of_the_change_is_left(host: Any) -> None:
    with host.sudo():
        assert host.run("ls -d /run/harvester-network* /etc/NetworkManager/harvester-network* 2>/dev/null").stdout == ""
