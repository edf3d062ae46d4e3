# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Are a node's links as they should be? Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError
from ..module_utils.common._names import suggest
from ..module_utils.common._vlans import VlanList, compress

DEVICE_OPTIONS = (
    "name",
    "mtu",
    "ports",
    "ports_mtu",
    "ports_left_out",
    "mode",
    "controller",
    "vlans",
    "not_vlans",
    "up",
)

UNKNOWN = ", as where the switch has another MTU"
"""What Harvester's documentation says of this state after a change of an MTU."""


def mismatches(found: Mapping[str, Any], expect: Mapping[str, Any]) -> list[str]:
    """What differs, a line each; empty when all is as expected.

    found: result of module ``profile_info``. expect: ``devices`` (``name``, and any of ``mtu`` in bytes, ``ports`` (the
    whole list), ``ports_mtu`` of each port in bytes but those of ``ports_left_out``, ``mode`` of a bond,
    ``controller``, ``vlans`` (ids that must be on it), ``not_vlans`` (ids that must not), ``up``) and ``absent``
    (names of devices). Raises ValidationError for an expectation that cannot be read.
    """
    problems = _problems(expect)
    if problems:
        raise ValidationError(problems)
    links = {link["name"]: link for link in found.get("links", ())}
    lines = []
    for wanted in expect.get("devices") or ():
        link = links.get(wanted["name"])
        lines += (
            [f"{wanted['name']}: there is no such device"] if link is None else list(_of_device(link, wanted, found))
        )
    lines += [f"{name}: it is still there" for name in expect.get("absent") or () if name in links]
    return lines


def _of_device(link: Mapping[str, Any], wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterable[str]:
    name = wanted["name"]
    bond = link.get("bond") or {}
    if wanted.get("mtu") is not None and link["mtu"] != int(wanted["mtu"]):
        yield f"{name}: MTU {link['mtu']} instead of {wanted['mtu']}"
    if wanted.get("ports") is not None:
        have = sorted(item["name"] for item in found.get("links", ()) if item.get("controller") == name)
        if have != sorted(wanted["ports"]):
            yield f"{name}: ports {', '.join(have) or 'none'} instead of {', '.join(sorted(wanted['ports'])) or 'none'}"
    if wanted.get("ports_mtu") is not None:
        left_out = wanted.get("ports_left_out") or ()
        for item in found.get("links", ()):
            if item["name"] in left_out:
                continue
            if item.get("controller") == name and item["mtu"] != int(wanted["ports_mtu"]):
                yield f"{name}: port {item['name']}: MTU {item['mtu']} instead of {wanted['ports_mtu']}"
    if wanted.get("mode") is not None and bond.get("mode") != wanted["mode"]:
        yield f"{name}: mode {bond.get('mode') or 'none'} instead of {wanted['mode']}"
    if wanted.get("controller") is not None and link.get("controller") != wanted["controller"]:
        yield f"{name}: controller {link.get('controller') or 'none'} instead of {wanted['controller']}"
    if wanted.get("up") is not None and (link.get("operstate") == "up") != bool(wanted["up"]):
        yield f"{name}: it is {link.get('operstate')}" + (UNKNOWN if link.get("operstate") == "unknown" else "")
    have_ids = VlanList.parse(list((found.get("vlans") or {}).get(name, ()))).ids()
    lacking = VlanList.parse(list(wanted.get("vlans") or ())).ids() - have_ids
    if lacking:
        yield f"{name}: VLAN {_spans(lacking)} missing"
    excess = VlanList.parse(list(wanted.get("not_vlans") or ())).ids() & have_ids
    if excess:
        yield f"{name}: VLAN {_spans(excess)} still there"


def _spans(ids: Collection[int]) -> str:
    return f"{'id' if len(ids) == 1 else 'ids'} {', '.join(compress(ids))} {'is' if len(ids) == 1 else 'are'}"


def _problems(expect: Mapping[str, Any]) -> list[Problem]:
    where = "link_proof_expect"
    found = [
        Problem(where, name, None, "unknown key", suggest(name, ("devices", "absent")) or "known are absent, devices")
        for name in expect
        if name not in ("devices", "absent")
    ]
    for item in expect.get("devices") or ():
        if not item.get("name"):
            found.append(Problem(where, "devices", str(dict(item)), "a device needs a name", "give name"))
        found += [
            Problem(
                where,
                f"devices.{name}",
                None,
                "unknown key",
                suggest(name, DEVICE_OPTIONS) or f"known are {', '.join(sorted(DEVICE_OPTIONS))}",
            )
            for name in item
            if name not in DEVICE_OPTIONS
        ]
    return found


def joined(expects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Several expectations as one. Lists of VLAN ids of a device are joined, any other option is the last one's.

    Of a device that one wants gone and another wants there the later counts.
    """
    devices: dict[str, dict[str, Any]] = {}
    absent: dict[str, None] = {}
    for expect in expects:
        for name in expect.get("absent") or ():
            devices.pop(name, None)
            absent[name] = None
        for item in expect.get("devices") or ():
            absent.pop(item["name"], None)
            known = devices.setdefault(item["name"], {})
            lists = {key: _both(known.get(key), item[key]) for key in ("vlans", "not_vlans") if item.get(key)}
            known.update({**item, **lists})
    return {"devices": list(devices.values()), "absent": list(absent)}


def _both(one: Iterable[Any] | None, other: Iterable[Any]) -> list[str]:
    """The VLAN ids of two lists, which may overlap, as one."""
    return compress(VlanList.parse(list(one or ())).ids() | VlanList.parse(list(other)).ids())
