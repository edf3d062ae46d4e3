# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollback will do, from the record alone, in the form of a plan. This module util is private to the collection.

It says what each phase gives back, whatever is there now: what has its value of before already is written again, which
changes nothing.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ..cluster import _objects
from ..cluster._keys import MGMT
from ..cluster._kinds import BY_KEY
from ..cluster._storage import STORAGE
from ..cluster._vms import RUNNING, starts
from ..cluster.wanted import _whole
from ._effects import EFFECTS
from ._phases import rollback_order
from ._record import DONE, Phase, Record
from .phases import BOUNDS, _configs, _reboots, _settings, _switches, _vms
from .steps._storage_network import INTERRUPTS

PUT_BACK, REMOVED, RELEASED, UNCORDONED = "put back", "removed", "released", "uncordoned"
"""What becomes of an object. Put back is one that comes again or gets the values of before."""
LEFT_OUT = "left out"
"""Of a host that is not in the run."""
HOST = "Host"
"""What a node has on its disk and in its kernel, by its name in the inventory; its object is a Node."""

_ROLE = "harvester.network."
_OF_MGMT = "the management network of one node after the other, for moments"
_VXLAN = 50
_PROVED = "proved within that time, before anything else is undone: "

Item = Tuple[str, str, str, str]
"""Kind, namespace, name, action."""


class Told(NamedTuple):
    """What undoing one phase does. objects: in order. details: what the objects do not say, a line each."""

    objects: Tuple[Item, ...] = ()
    starts: Tuple[str, ...] = ()
    stops: Tuple[str, ...] = ()
    moves: Tuple[str, ...] = ()
    interrupts: Tuple[str, ...] = ()
    details: Tuple[str, ...] = ()


Image = Mapping[str, Any]


def shown(record: Record, hosts: Tuple[str, ...] = (), vm_wait: int = 0, gone: Sequence[str] = ()) -> Dict[str, Any]:
    """The phases that are still to be undone, as module change_plan returns a plan.

    hosts: those in the run, by their names in the inventory; empty for all. What is recorded of another is left out.
    vm_wait: seconds that VMs are waited for, where longer than planned; 0 for as long as planned.
    gone: nodes that are called gone.
    """
    phases: List[Dict[str, Any]] = []
    lines: List[str] = []
    begins = 0
    for number, phase in enumerate(rollback_order(record), 1):
        told = _told(phase, hosts, gone)
        ends = begins + _bound(phase, vm_wait)
        effects = {field: list(getattr(told, field, ())) for field, _words in EFFECTS}
        phases.append(
            {
                "id": phase.id,
                "role": phase.role,
                "begins": begins,
                "ends": ends,
                "objects": [dict(zip(("kind", "namespace", "name", "action"), item)) for item in told.objects],
                **effects,
            }
        )
        lines += _lines(number, phase, told, effects, ends - begins)
        begins = ends
    return {"phases": phases, "seconds": begins, "lines": lines}


def _lines(number: int, phase: Phase, told: Told, effects: Mapping[str, List[str]], bound: int) -> List[str]:
    took = "; on the way forth it took %d s" % round(phase.took) if phase.took else ""
    found = ["%d. %s (%s): at most %d s%s" % (number, phase.id, phase.role, bound, took)]
    by_action: Dict[str, List[str]] = {}
    for kind, namespace, name, action in told.objects:
        place = "%s/%s" % (namespace, name) if namespace else name
        by_action.setdefault(action, []).append("%s %s" % (kind, place))
    words = list(by_action.items())
    words += [(text, effects[field]) for field, text in EFFECTS if effects[field]]
    found += ["   %s: %s" % (word, ", ".join(names)) for word, names in words]
    found += ["   %s" % line for line in told.details]
    return found if len(found) > 1 else [*found, "   nothing of it was recorded that changes back"]


def _bound(phase: Phase, vm_wait: int) -> int:
    """Seconds; a longer wait for VMs than was planned makes the phase as much longer, as role change lengthens it."""
    if phase.role not in BOUNDS or not vm_wait:
        return phase.bound
    planned = (phase.input or {}).get("wait_timeout") or _vms.WAIT
    return -(-phase.bound * max(vm_wait, planned) // planned)


def _unless_gone(item: Item, gone: Sequence[str]) -> Item:
    return (*item[:3], LEFT_OUT) if item[3] == UNCORDONED and item[2] in gone else item


def _told(phase: Phase, hosts: Tuple[str, ...], gone: Sequence[str]) -> Told:
    image = phase.before if isinstance(phase.before, Mapping) else {}
    cluster, of_hosts = image.get("cluster"), image.get("hosts")
    there = {name: kept for name, kept in sorted((of_hosts or {}).items()) if not hosts or name in hosts}
    told = _ROLES.get(phase.role, _of_others)(phase, cluster if isinstance(cluster, Mapping) else {}, there)
    told = told._replace(objects=tuple(_unless_gone(item, gone) for item in told.objects))
    left = sorted(set(of_hosts or {}) - set(there)) if _changes_hosts(phase) else []
    return told._replace(objects=(*told.objects, *((HOST, "", name, LEFT_OUT) for name in left)))


def left_out(record: Record, hosts: Tuple[str, ...]) -> List[str]:
    """Hosts of which a phase that is still to be undone has recorded something, and that are not in the run."""
    found = {name for phase in rollback_order(record) for name in hosts_of(phase)}
    return sorted(found - set(hosts)) if hosts else []


def hosts_of(phase: Phase) -> List[str]:
    """The hosts that the undoing of a phase changes, by their names in the inventory."""
    image = phase.before if isinstance(phase.before, Mapping) else {}
    return sorted(image.get("hosts") or {}) if _changes_hosts(phase) else []


def nodes_of(phase: Phase) -> List[str]:
    """The nodes of a turn of reboots, by their names in the cluster."""
    image = phase.before if isinstance(phase.before, Mapping) else {}
    return sorted((image.get("cluster") or {}).get("boot_ids") or {})


def _changes_hosts(phase: Phase) -> bool:
    """Not after reboots, where what was recorded before them goes back; nor do the reboots themselves."""
    told = phase.input if isinstance(phase.input, Mapping) else {}
    if phase.role == _ROLE + "mgmt_mtu":
        return bool(told.get("part") != "proof")
    if phase.role == _ROLE + "mgmt_network":
        return bool(told.get("part") == "hosts")
    return phase.role != _reboots.ROLE


def _of_others(phase: Phase, cluster: Image, hosts: Image) -> Told:
    return Told(_hosts(hosts) if _changes_hosts(phase) else ())


def _hosts(hosts: Image) -> Tuple[Item, ...]:
    return tuple((HOST, "", name, PUT_BACK) for name in hosts)


def _mgmt(phase: Phase, cluster: Image, hosts: Image) -> Told:
    if not _changes_hosts(phase) or not hosts:
        return Told()
    details = ["%s: %s" % (name, ", ".join(_values(kept))) for name, kept in hosts.items() if _values(kept)]
    if phase.role == _ROLE + "mgmt_network":
        details.append("no node reboots for it; one whose kernel cannot follow is named")
    else:
        details += _of_wire(phase.input)
    return Told(_hosts(hosts), interrupts=(_OF_MGMT,), details=tuple(details))


def _of_wire(told: Mapping[str, Any]) -> List[str]:
    """What is proved once the hosts have the MTU of before, or as they get it."""
    before, after, legs = told.get("mtu_from"), told.get("mtu_to"), told.get("legs")
    if not before or not after:
        return []
    if told.get("last"):
        if after > before:
            return []
        return [_PROVED + "%d bytes between all nodes, where the management network has a VLAN" % before]
    found = [_PROVED + "%d bytes between all nodes%s" % (before, ", on each leg of the bonds" if legs else "")]
    if after > before:
        found.append(_PROVED + "%d bytes in the pod network between all nodes" % (before - _VXLAN))
    return found


def _values(kept: Any) -> List[str]:
    """What a host gets: profiles by name, devices with their MTU."""
    image = kept if isinstance(kept, Mapping) else {}
    found = []
    for one in image.get("profiles") or ():
        gone = one.get("state") == "absent"
        mtu = " MTU %s" % ("unset" if one["mtu"] is None else one["mtu"]) if "mtu" in one else ""
        found.append("profile %s%s" % (one.get("id"), " goes" if gone else mtu))
    found += ["device %s MTU %s" % (one.get("name"), one.get("mtu")) for one in image.get("links") or ()]
    return found


def _installer(phase: Phase, cluster: Image, hosts: Image) -> Told:
    """A host without the file has nothing to put back."""
    return Told(_hosts({name: kept for name, kept in hosts.items() if kept.get("there")}))


def _overlay(phase: Phase, cluster: Image, hosts: Image) -> Told:
    details = tuple("%s: device flannel.1 MTU %s" % (name, kept.get("mtu")) for name, kept in hosts.items())
    told = phase.input if isinstance(phase.input, Mapping) else {}
    before = told.get("mtu_from") or 0
    # Where it was raised, the hosts prove it at their end.
    if (told.get("mtu") or 0) < before:
        details += (_PROVED + "%d bytes in the pod network between all nodes" % before,)
    interrupts = ("the pod network between nodes, for moments",) if hosts else ()
    return Told(_hosts(hosts), interrupts=interrupts, details=details)


def _annotation(phase: Phase, cluster: Image, hosts: Image) -> Told:
    if "mtu" not in cluster:
        return Told()
    line = "annotation uplink-mtu of %s becomes %s, and its VM networks follow" % (MGMT, cluster["mtu"])
    return Told(((BY_KEY["clusternetworks"].kind, "", MGMT, PUT_BACK),), details=(line,))


def _networks(phase: Phase, cluster: Image, hosts: Image) -> Told:
    labels = [("Node", "", one["name"], PUT_BACK) for one in cluster.get("node_labels") or ()]
    objects: List[Item] = []
    networks = set()
    for option, kind in _whole.OPTIONS.items():
        for one in reversed(cluster.get(option) or ()):
            there = one.get("object")
            action = REMOVED if there is None else PUT_BACK
            objects.append((BY_KEY[kind].kind, one.get("namespace") or "", one["name"], action))
            if kind == "vlanconfigs":
                networks.add(_network_of(phase, one))
    interrupts = tuple("traffic of cluster network '%s'" % name for name in sorted(networks - {""}))
    told = phase.input if isinstance(phase.input, Mapping) else {}
    paths = told.get("paths_back") or () if told.get("prove", True) else ()
    legs = ", on each leg of the bonds" if told.get("legs") else ""
    details = tuple(_PROVED + "%s at %s bytes between its nodes%s" % (one["name"], one["mtu"], legs) for one in paths)
    return Told((*labels, *objects), interrupts=interrupts, details=details)


def _network_of(phase: Phase, entry: Mapping[str, Any]) -> str:
    """The cluster network of a configuration: as it was, or as the phase has made it."""
    there = entry.get("object")
    if there is None:
        made = [one for one in (phase.input or {}).get("configs") or () if one.get("name") == entry["name"]]
        there = made[0].get("object") if made else None
    return str(_objects.dig(there or {}, "spec", "clusterNetwork") or "")


def _of_settings(phase: Phase, cluster: Image, hosts: Image) -> Told:
    told = phase.input if isinstance(phase.input, Mapping) else {}
    was = told.get("was")
    if was is not None:
        changes = [(name, RELEASED) for name in was.get("released") or ()]
        changes += [(one["setting"], PUT_BACK) for one in was.get("recorded") or ()]
    else:
        action = PUT_BACK if told.get("state") == "disabled" else RELEASED
        changes = [(one["setting"], action) for one in cluster.get("recorded") or ()]
    kind = BY_KEY["settings"].kind
    return Told(
        tuple((kind, "", name, action) for name, action in changes),
        interrupts=tuple(INTERRUPTS[name] if name in INTERRUPTS else INTERRUPTS[STORAGE] for name, _action in changes),
    )


def _of_switches(phase: Phase, cluster: Image, hosts: Image) -> Told:
    line = "ports of the switches get %s bytes again, by change_switch_tasks or by somebody" % (phase.input or {}).get(
        "mtu_from"
    )
    return Told(interrupts=(_switches.INTERRUPTS,), details=(line,))


def _of_vms(phase: Phase, cluster: Image, hosts: Image) -> Told:
    told = phase.input if isinstance(phase.input, Mapping) else {}
    names = _running(cluster)
    uncordoned = tuple(("Node", "", name, UNCORDONED) for name in cluster.get("cordoned") or ())
    if told.get("state") != "started":
        return Told(uncordoned, starts=names)
    if told.get("moved"):
        return Told(uncordoned, details=("VMs that had come back to their nodes leave them again",))
    return Told(uncordoned, stops=names)


def _of_reboots(phase: Phase, cluster: Image, hosts: Image) -> Told:
    nodes = tuple(("Node", "", name, UNCORDONED) for name in cluster.get("boot_ids") or ())
    starting = () if phase.state == DONE else _running(cluster)
    return Told(nodes, starts=starting, details=("a reboot has no way back; no node reboots again",))


def _running(cluster: Image) -> Tuple[str, ...]:
    """Of the VMs that were recorded, those that ran or that KubeVirt starts by itself."""
    return tuple(
        "%s/%s" % (vm["namespace"], vm["name"])
        for vm in cluster.get("vms") or ()
        if vm.get("phase") == RUNNING or starts(vm.get("run_strategy") or "", vm.get("phase") or "")
    )


_ROLES: Dict[str, Callable[[Phase, Image, Image], Told]] = {
    _vms.ROLE: _of_vms,
    _settings.ROLE: _of_settings,
    _configs.ROLE: _networks,
    _switches.ROLE: _of_switches,
    _reboots.ROLE: _of_reboots,
    _ROLE + "mgmt_mtu": _mgmt,
    _ROLE + "mgmt_network": _mgmt,
    _ROLE + "overlay_mtu": _overlay,
    _ROLE + "mgmt_annotation": _annotation,
    _ROLE + "installer_config": _installer,
}
"""Role -> what undoing its phases does; of others only hosts are known."""
