# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the network of a node back after its boot? Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BOND, BRIDGE = "mgmt-bo", "mgmt-br"


def missing(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """What is still to come, in words; empty when the node is back.

    now, before: results of module ``profile_info``, after and before the boot. Every address of the management network
    that NetworkManager had given must be there again (another one means a lost DHCP lease), and the bond needs a port.
    """
    if "links" not in now:
        return ["an answer of the node: %s" % (now.get("msg") or "none came")]
    found = []
    if now.get("boot_id") == before.get("boot_id"):
        found.append("a new boot id (it is still %s)" % now.get("boot_id"))
    links = {link["name"]: link for link in now["links"]}
    for link in before.get("links", ()):
        if link["name"] in (BOND, BRIDGE) or str(link["name"]).startswith(BRIDGE + "."):
            found += _of_link(link, links.get(link["name"]))
    return found


def _of_link(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> list[str]:
    name = before["name"]
    # A device that no profile makes is its maker's to bring back (an agent's VLAN device).
    wanted = [item["address"] for item in before["addresses"] if item["managed"] and item["scope"] == "global"]
    if now is None:
        return ["device %s" % name] if wanted or name in (BOND, BRIDGE) else []
    have = {item["address"] for item in now["addresses"]}
    found = ["address %s on %s" % (address, name) for address in wanted if address not in have]
    if name == BOND and not any(port["mii_status"] == "up" for port in (now.get("bond") or {}).get("ports", ())):
        found.append("a port with link on %s" % name)
    return found


def endpoint(found: Mapping[str, Any]) -> dict[str, Any]:
    """The device with the node's own IPv4 address, that address and the device's MTU; empty without one.

    found: result of module ``profile_info``. The address that NetworkManager gave counts, not a VIP beside it, and not
    that of a HostNetworkConfig, whose device is not NetworkManager's.
    """
    for link in found.get("links", ()):
        if link["name"] != BRIDGE and not str(link["name"]).startswith(BRIDGE + "."):
            continue
        for item in link["addresses"]:
            if item["managed"] and item["scope"] == "global" and "." in item["address"]:
                return {"device": link["name"], "address": item["address"].partition("/")[0], "mtu": link["mtu"]}
    return {}
