# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nmcli's command lines and its terse output. Runs nothing. This module util is private to the collection."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from ._keyfile import TYPE_NAMES
from ._profile import BOND, Profile
from ._properties import TABLE

FIELDS = "connection,802-3-ethernet,bond,bridge,bridge-port,vlan,ipv4,ipv6,GENERAL"

# Exit status of nmcli when a named profile does not exist.
NOT_FOUND = 10


def show(ids: Sequence[str]) -> List[str]:
    """Read many profiles in one process; it stops at the first unknown id (exit 10). Secrets are not asked for."""
    argv = ["nmcli", "-t", "-e", "no", "-f", FIELDS, "connection", "show"]
    for name in ids:
        argv += ["id", name]
    return argv


def missing_id(stderr: str) -> Optional[str]:
    """The id that nmcli did not find, from its error text."""
    match = re.search(r"^(?:Error: )?(.+?) - no such connection profile", stderr.strip(), re.MULTILINE)
    return match.group(1) if match else None


def up(name: str, timeout: int) -> List[str]:
    """Activate a profile; ``timeout`` in seconds."""
    return ["nmcli", "-w", str(timeout), "connection", "up", "id", name]


def delete(ids: Iterable[str]) -> List[str]:
    """Remove profiles, and the devices that only they made."""
    argv = ["nmcli", "connection", "delete"]
    for name in ids:
        argv += ["id", name]
    return argv


class Loaded:
    """A profile as NetworkManager holds it in memory, with the devices on which it is active."""

    def __init__(self, profile: Profile, uuid: str, devices: Sequence[str], state: str) -> None:
        self.profile = profile
        self.uuid = uuid
        self.devices = tuple(devices)
        self.state = state


def parse_show(output: str) -> Dict[str, Loaded]:
    """The profiles in the output of ``show``, by id."""
    blocks: List[Dict[str, str]] = []
    for line in output.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            continue
        if name == "connection.id":
            blocks.append({})
        if blocks:
            blocks[-1][name] = value
    found = {}
    for block in blocks:
        devices = [name for name in re.split(r"[,\s]+", block.get("GENERAL.DEVICES", "")) if name]
        profile = _profile(block)
        found[profile.id] = Loaded(profile, block.get("connection.uuid", ""), devices, block.get("GENERAL.STATE", ""))
    return found


def _profile(block: Mapping[str, str]) -> Profile:
    options = _bond_options(block.get("bond.options", ""))
    values: Dict[str, Any] = {}
    for row in TABLE:
        if row.section == "bond":
            text = options.get(row.key)
        else:
            text = next((block[name] for name in _names(row.nmcli, row.spellings) if block.get(name)), None)
        if text in (None, "", "--"):
            continue
        value = row.codec.from_nmcli(text)
        if value is not None:
            values[row.option] = value
    kind = block.get("connection.type", "")
    return Profile(block.get("connection.id", ""), TYPE_NAMES.get(kind, kind), values)


def _names(nmcli: str, spellings: Sequence[str]) -> List[str]:
    setting = nmcli.split(".", 1)[0]
    return [nmcli] + ["%s.%s" % (setting, key) for key in spellings]


def _bond_options(text: str) -> Dict[str, str]:
    """'mode=active-backup,arp_ip_target=10.0.0.1,10.0.0.2' as a dict; a part without '=' belongs to the one before."""
    options: Dict[str, str] = {}
    last = ""
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if equals:
            last = name.strip()
            options[last] = value.strip()
        elif last:
            options[last] += "," + part.strip()
    return options


def commands(before: Optional[Profile], after: Profile) -> List[List[str]]:
    """The nmcli commands that a person would type for the same change; shown by state=rendered, never run."""
    arguments: List[str] = []
    bond = {
        row.key: row.codec.to_nmcli(after.values[row.option])
        for row in TABLE
        if row.section == "bond" and row.option in after.values
    }
    old = before.values if before is not None else {}
    for row in TABLE:
        value = after.values.get(row.option)
        if row.section == "bond" or value == old.get(row.option):
            continue
        arguments += [row.nmcli, "" if value is None else row.codec.to_nmcli(value)]
    if bond and any(row.section == "bond" and after.values.get(row.option) != old.get(row.option) for row in TABLE):
        arguments += ["bond.options", ",".join("%s=%s" % pair for pair in bond.items())]
    if before is None:
        kind = "bond" if after.type == BOND else after.type
        return [["nmcli", "connection", "add", "type", kind, "connection.id", after.id] + arguments]
    return [["nmcli", "connection", "modify", "id", after.id] + arguments] if arguments else []
