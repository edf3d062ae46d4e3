# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check of the audit: /oem/harvester.config against the profiles. Pure; private to the collection.

A change of the profiles is not written back there, so a forced regeneration (harvester-installer
generate-network-config --force) would bring the old values back (harvester-facts 4.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ...module_utils.common import _mtu
from .._mgmt_profiles import BOND_ID, VLAN_ID
from ._model import MGMT_BOND, Audit, Check, Host, checked

PATH = "/oem/harvester.config"
RULE = "installed"


def section(content: str) -> dict[str, Any] | None:
    """``install.management_interface`` of the file's text, and nothing else of it: the file has passwords and tokens.

    Names are compared without underscores and case, since the installer has written both forms. None for a text that
    is no such file.
    """
    try:
        found = yaml.safe_load(content)
    except yaml.YAMLError:
        return None
    interface = _key(_key(found, "install"), "managementinterface")
    return dict(interface) if isinstance(interface, Mapping) else None


def drift(audit: Audit) -> Iterator[Check]:
    """MTU, VLAN, NICs and bond options that a regeneration would bring back."""
    for host in audit.readable:
        if host.installed is None or not host.profile(BOND_ID):
            continue
        for word, here, there in _values(host, host.installed):
            remedy = f"on {host.name}: back {PATH} up and write {there} there, or expect {here} after a regeneration"
            yield checked((RULE, f"{word} of {PATH} is that of the profiles"), host.name, there, here, remedy)


def _values(host: Host, installed: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(word, value in the file, value of the profiles)."""
    profile = host.profile(BOND_ID)
    yield "MTU", str(_number(_key(installed, "mtu"))), str(_mtu.effective(profile.get("mtu")))
    vid = int(_key(installed, "vlanid") or 0)
    live = int((host.profile(VLAN_ID).get("vlan") or {}).get("id") or 0)
    yield "VLAN id", str(vid if vid > 1 else 0), str(live)
    nics = [_nic(host, item) for item in _key(installed, "interfaces") or () if isinstance(item, Mapping)]
    yield "NICs", ", ".join(sorted(nics)), ", ".join(sorted(_ports(host)))
    options = _key(installed, "bondoptions") or {}
    known = profile.get("bond") or {}
    for name in sorted(options):
        yield f"bond option {name}", str(options[name]), str(known.get(name, "not set"))


def _number(value: object) -> int | str:
    try:
        return _mtu.effective(value)
    except _mtu.MtuError:
        return str(value)


def _nic(host: Host, item: Mapping[str, Any]) -> str:
    """The NIC's name; an entry may have its hardware address alone."""
    address = str(_key(item, "hwaddr") or "").lower()
    for nic in (host.info or {}).get("nics") or ():
        if address and str(nic.get("permanent_mac") or "").lower() == address:
            return str(nic["name"])
    return str(_key(item, "name") or address)


def _ports(host: Host) -> list[str]:
    found = (host.profiles or {}).get("profiles") or ()
    return [
        str(item.get("interface_name") or "")
        for item in found
        if item.get("type") == "ethernet" and item.get("controller") == MGMT_BOND
    ]


def _key(given: Any, wanted: str) -> Any:
    if not isinstance(given, Mapping):
        return None
    return next((value for key, value in given.items() if str(key).replace("_", "").lower() == wanted), None)
