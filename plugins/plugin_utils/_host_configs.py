# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether host network configurations are after a change what they were before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..module_utils.cluster._host_config import HostConfig
from ..module_utils.cluster._kinds import title

Links = Mapping[str, Iterable[Mapping[str, Any]]]


def host_config_findings(
    recorded: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]], links: Links, mtu: int
) -> list[str]:
    """What is otherwise, a line each; empty when every one is ready where it was and its devices have the MTU.

    recorded: HostNetworkConfigs as the API gave them before the change. now: ``host_network_configs`` of module
    network_info. links: node, its name in the cluster -> ``links`` of module profile_info. mtu: bytes.
    """
    present = {one["name"]: one for one in now}
    configs = [HostConfig.read(item) for item in recorded]
    return [line for config in configs for line in _findings(config, present.get(config.name), links, mtu)]


def _findings(config: HostConfig, now: Mapping[str, Any] | None, links: Links, mtu: int) -> Iterator[str]:
    where = title("hostnetworkconfigs", "", config.name)
    if now is None:
        yield "%s: it is gone; the record of the change has it whole, make it again" % where
        return
    said = {one["node"]: one["message"] for one in now["not_ready"]}
    for node in config.ready_nodes:
        if node not in now["ready_nodes"]:
            why = said.get(node) or "its agent says nothing of it"
            yield "%s: it was ready on %s, and is not: %s" % (where, node, why)
    for node, there in sorted(links.items()):
        live = [link["mtu"] for link in there if link["name"] == config.device]
        if not live and node in config.ready_nodes:
            yield "%s: %s has no device %s" % (where, node, config.device)
        yield from ("%s: %s of %s has MTU %d" % (where, config.device, node, one) for one in live if one != mtu)
