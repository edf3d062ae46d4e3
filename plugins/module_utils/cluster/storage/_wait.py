# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a change of a network setting is done, and what of it is missing.

The condition of the setting alone may be that of the value before. Hash, condition and Longhorn's setting count
together, and for the storage network the interface lhnet1 of every instance-manager too. Pure; this module util is
private to the collection.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Collection, Iterator, List, Optional

from .. import _objects, _storage
from .._kinds import LONGHORN_SYSTEM
from .._snapshot import Snapshot
from .._storage import RWX, STORAGE, NetworkValue, text_of
from ._pods import INTERFACE, InstanceManager, instance_managers

KINDS = ("nodes", "settings", "longhorn_settings", "longhorn_pods")
"""What lacking() looks at."""
LONGHORN_SETTINGS = {STORAGE: "storage-network", RWX: "endpoint-network-for-rwx-volume"}
"""Setting of Harvester -> that of Longhorn which names the same network (HV pkg/controller/master)."""


def mark(name: str, word: str) -> str:
    """The annotation that a setting's controller writes: word is "hash" or "net-attach-def"."""
    return "%s.settings.harvesterhci.io/%s" % (name, word)


def digest(text: str) -> str:
    """What Harvester tells values apart by."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def lacking(live: Snapshot, name: str, text: str, gone: Collection[str] = ()) -> List[str]:
    """What is missing until the cluster is as a value of a setting says, a line each; empty when nothing is.

    name: one of _storage.SETTINGS. A setting that was never configured is at rest. gone: nodes whose instance-managers
    are not looked at.
    """
    setting = live.get("settings", name)
    if setting is None:
        return ["setting '%s' is not there" % name]
    if text_of(setting) != text:
        return ["setting '%s': its value is another one than was written" % name]
    lines = _setting(live, name, setting, text)
    return lines + list(_interfaces(live, text, gone)) if name == STORAGE else lines


def unsettled(live: Snapshot, name: str) -> List[str]:
    """What Harvester and Longhorn have not taken up of a setting's value, a line each; none if it is not there."""
    setting = live.get("settings", name)
    return [] if setting is None else _setting(live, name, setting, text_of(setting))


def _setting(live: Snapshot, name: str, setting: _objects.Object, text: str) -> List[str]:
    annotations = _objects.annotations_of(setting)
    configured = _objects.condition(setting, "configured")
    hashed = annotations.get(mark(name, "hash"))
    default = str(setting.get("default") or "")
    if configured is None and hashed is None and text == default:
        return []
    # Some controllers hash the value, others what counts, which is the default where the value is empty.
    if hashed not in (digest(text), digest(str(setting.get("value") or ""))):
        return ["setting '%s': Harvester has not taken up the value yet" % name]
    if configured is None or not configured.true:
        reason = configured.message or configured.reason if configured else ""
        return ["setting '%s': condition configured is not True: %s" % (name, reason or "no reason given")]
    longhorn = LONGHORN_SETTINGS.get(name)
    if longhorn is None:
        return []
    wanted = annotations.get(mark(name, "net-attach-def")) or ""
    if name == RWX and _storage.shares_storage(live):
        wanted = _objects.annotations_of(live.get("settings", STORAGE) or {}).get(mark(STORAGE, "net-attach-def")) or ""
    found = str((live.get("longhorn_settings", longhorn, LONGHORN_SYSTEM) or {}).get("value") or "")
    if found != wanted:
        return ["Longhorn's setting %s is '%s' instead of '%s'" % (longhorn, found, wanted)]
    return []


def _interfaces(live: Snapshot, text: str, gone: Collection[str]) -> Iterator[str]:
    """lhnet1 on every instance-manager, at least one per node; or on none."""
    try:
        value = _storage.parsed(STORAGE, text)
    except _storage.SettingError:
        value = None
    managers = [manager for manager in instance_managers(live) if manager.node not in gone]
    running = {manager.node for manager in managers if manager.running}
    for node in live.workers:
        if node.name not in running and node.name not in gone:
            yield "node %s: no instance-manager is Running" % node.name
    for manager in managers:
        problem = interface_problem(manager, value)
        if problem:
            yield "node %s: instance-manager %s %s" % (manager.node, manager.name, problem)


def interface_problem(manager: InstanceManager, value: Optional[NetworkValue]) -> str:
    """What is wrong with the lhnet1 of an instance-manager; empty when nothing is.

    value: the storage network; None when there is none, so that lhnet1 has to be gone.
    """
    if value is None:
        return "still has %s" % INTERFACE if manager.asks or manager.addresses else ""
    if not manager.running:
        return "is not Running"
    if not manager.addresses:
        return "has no %s" % INTERFACE
    wrong = [address for address in manager.addresses if not _in_range(address, value)]
    return "has %s, which is not of range %s" % (_objects.listed(wrong), value.range) if wrong else ""


def _in_range(address: str, value: NetworkValue) -> bool:
    try:
        found = ipaddress.IPv4Address(address.partition("/")[0])
        excluded = any(found in ipaddress.IPv4Network(text, strict=False) for text in value.exclude)
        return found in _storage.subnet(value.range) and not excluded
    except ValueError:
        return False
