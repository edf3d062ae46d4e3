# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an uplink and where a VlanConfig keeps them, in one table. This module util is private to the
collection."""

from __future__ import annotations

import base64
import binascii
import copy
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ...common import _mac, _mtu
from ...common._errors import Problem
from .. import _objects
from .._config import DEFAULT_MIIMON, DEFAULT_MODE, DEFAULT_TX_QUEUE_LENGTH, MODES


class Option(NamedTuple):
    """One option.

    name: in the modules. path: below ``spec.uplink``. default: what a missing value means, and what null writes; None
    takes the value away.
    """

    name: str
    path: Tuple[str, str]
    default: Any


MTU = Option("mtu", ("linkAttributes", "mtu"), _mtu.DEFAULT)
MIIMON = Option("miimon", ("bondOptions", "miimon"), DEFAULT_MIIMON)
HARDWARE_ADDRESS = Option("hardware_address", ("linkAttributes", "hardwareAddr"), None)
OPTIONS: Tuple[Option, ...] = (
    Option("mode", ("bondOptions", "mode"), DEFAULT_MODE),
    MIIMON,
    MTU,
    Option("tx_queue_length", ("linkAttributes", "txQLen"), DEFAULT_TX_QUEUE_LENGTH),
    HARDWARE_ADDRESS,
)

UPLINK_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "mode": {"type": "str", "choices": list(MODES)},
    # milliseconds
    "miimon": {"type": "int"},
    # bytes
    "mtu": {"type": "int"},
    # packets
    "tx_queue_length": {"type": "int"},
    "hardware_address": {"type": "str"},
}


def problems_of(given: Mapping[str, Any], where: str) -> List[Problem]:
    """What is wrong with the options of an uplink that no rule for objects says."""
    found = []
    address = given.get("hardware_address")
    if given.get("mtu") == 0:
        rule = "0 leaves the links at the MTU that they have"
        found.append(Problem(where, "uplink.mtu", 0, rule, "give %d for the default" % _mtu.DEFAULT))
    if address is not None:
        wrong = _mac.objection(address)
        if wrong:
            found.append(Problem(where, "uplink.hardware_address", address, wrong))
    return found


def with_options(uplink: Mapping[str, Any], given: Mapping[str, Any], miimon_default_100: bool) -> Dict[str, Any]:
    """A copy of ``spec.uplink`` with the options that are given; null writes the default.

    What means the same stays as it is written, because Harvester takes any other spelling for a change of the uplink,
    which running VMs block; but an MTU is always written as a number. miimon_default_100: whether -1 means 100 (1.7 and
    later).
    """
    found: Dict[str, Any] = copy.deepcopy(dict(uplink))
    for option in OPTIONS:
        if option.name not in given:
            continue
        value = option.default if given[option.name] is None else given[option.name]
        if option is HARDWARE_ADDRESS and value is not None:
            value = encoded(value)
        stored = _objects.dig(found, *option.path)
        if not _same(option, stored, value, miimon_default_100):
            _put(found, option.path, value)
    return found


def of_sibling(uplink: Mapping[str, Any]) -> Dict[str, Any]:
    """The options that a new configuration takes from another one of its cluster network: what must be equal in all,
    where it is not the default. A hardware address is one node's own."""
    found: Dict[str, Any] = {}
    for option in OPTIONS:
        value = _objects.dig(uplink, *option.path)
        if value is not None and value != option.default and option is not HARDWARE_ADDRESS:
            found[option.name] = value
    found["mtu"] = _mtu.effective(_objects.dig(uplink, *MTU.path))
    return found


def encoded(address: str) -> str:
    """A MAC address as the API keeps it: base64 of its bytes."""
    return base64.b64encode(bytes.fromhex(address.replace(":", "").replace("-", ""))).decode("ascii")


def decoded(text: Optional[str]) -> Optional[str]:
    """The way back, with colons and lower-case letters; None for None and for what is no base64."""
    try:
        return None if text is None else base64.b64decode(text, validate=True).hex(":")
    except (ValueError, binascii.Error):
        return None


def _same(option: Option, stored: Any, value: Any, miimon_default_100: bool) -> bool:
    if option is MTU:
        return bool(stored == value)
    if option is MIIMON and miimon_default_100:
        return _miimon(stored) == _miimon(value)
    if option is HARDWARE_ADDRESS:
        return decoded(stored) == decoded(value)
    return bool((option.default if stored is None else stored) == value)


def _miimon(value: Optional[int]) -> int:
    return 100 if value is None or value == DEFAULT_MIIMON else value


def _put(uplink: Dict[str, Any], path: Tuple[str, str], value: Any) -> None:
    group, key = path
    values = dict(uplink.get(group) or {})
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value
    uplink[group] = values
