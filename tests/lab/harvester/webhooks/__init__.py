# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harvester's admission webhooks: pure rules, and the server that asks them.

`WEBHOOKS` is the registry. Two upstream servers exist, told apart by how their refusals look (chapter 12 of the
facts): the network controller's are HTTP 500, "Internal error occurred"; Harvester's own have the code of the rule.
KubeVirt has one webhook for each of its rules.
"""

from __future__ import annotations

from . import cluster_network, host_network_config, kubevirt, nad, node, setting, virtual_machine, vlan_config
from .admission import Webhook

WEBHOOKS: tuple[Webhook, ...] = (
    *cluster_network.WEBHOOKS,
    *vlan_config.WEBHOOKS,
    *nad.WEBHOOKS,
    *host_network_config.WEBHOOKS,
    *setting.WEBHOOKS,
    *node.WEBHOOKS,
    *virtual_machine.WEBHOOKS,
    *kubevirt.WEBHOOKS,
)
