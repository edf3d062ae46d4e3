# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to the management network of each node, in lines. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HOW = {
    "kernel": "live, set in the kernel",
    "up": "live, brought up",
    "reapply": "live, addresses applied",
    "activate": "live, activated",
    "remove": "removed",
}


def summary(results: Mapping[str, Mapping[str, Any]], check: bool = False) -> list[str]:
    """Lines per node. results: per node what role mgmt_network keeps in ``mgmt_network_result``.

    check: nothing was done, the lines say what would be.
    """
    lines: list[str] = []
    for node, result in results.items():
        lines += _of_node(node, result, check)
    return lines


def _of_node(node: str, result: Mapping[str, Any], check: bool) -> list[str]:
    acted = [item for item in result.get("profiles", ()) if item["action"] != "unchanged"]
    devices = result.get("devices", ())
    waiting = bool(result.get("reboot_required")) and not result.get("rebooted")
    if not acted and not devices and not waiting and not result.get("rebooted"):
        return [f"{node}: nothing to do"] + _warnings(result)
    lines = [f"{node}: {_headline(result, check, bool(acted), waiting)}"]
    for item in acted:
        lines += [f"  profile {item['id']} {item['action']}{change}" for change in _changes(item)]
    for device in devices:
        how = HOW.get(device["how"])
        if how is None:
            how = "live since the reboot" if result.get("rebooted") else "at the next boot"
        lines.append(f"  device {device['name']}: {how} ({device['why']})")
    for line in result.get("restored", ()):
        lines.append(f"  put back for a bystander: {line}")
    return lines + _warnings(result)


def _headline(result: Mapping[str, Any], check: bool, acted: bool, waiting: bool) -> str:
    words = []
    if acted or any(device["how"] in HOW for device in result.get("devices", ())):
        words.append("would change" if check else "changed")
    if result.get("resumed"):
        words.append("the session was cut, the change went on")
    if result.get("rebooted"):
        words.append("rebooted")
    elif waiting:
        words.append("needs a reboot")
    return ", ".join(words) or "unchanged"


def _warnings(result: Mapping[str, Any]) -> list[str]:
    return [f"  warning: {warning}" for warning in result.get("warnings_found", ())]


def _changes(item: Mapping[str, Any]) -> list[str]:
    before, after = item.get("before"), item.get("after")
    if not before or not after:
        return [""]
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        f": {option} {_text(old.get(option))} -> {_text(new.get(option))}"
        for option in [*old, *(name for name in new if name not in old)]
        if old.get(option) != new.get(option)
    ] or [""]


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, value


def _text(value: Any) -> str:
    if value is None:
        return "unset"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
