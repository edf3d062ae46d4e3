# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the audit's networks are proved, bond after bond, and what came of it. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .. import _path_proof
from .._mgmt_devices import bond_ports
from . import _paths
from ._model import BOND_SUFFIX, BRIDGE_SUFFIX, Audit, Check, Host, checked, text

NETWORKS, PATHS = 20, 1000
"""At most so many networks at a time, and paths of a host, which is what module path_mtu takes."""
LEAST, MOST = 600, 86400
"""Seconds that the endpoints of a proof may be there; module probe_endpoint takes no more."""
OF_HOST, OF_NETWORK, OF_PORTS, OF_LEG = 60, 5, 90, 20
"""Seconds that each takes at most: two modules on a slow node, an endpoint, the wait for ports, sending by a leg."""
BACKUP = "active-backup"

WIRE = ("wire", "paths between the hosts can be proved")
PROBE = ("probe", "VLANs of VM networks can be proved")
LEGS = ("legs", "legs of bonds can be proved")
LEASE = ("lease", "nobody else changes the network while paths are proved")
LEG = ("leg", "packets of the exact size pass by the leg")
MEND = "mend what is told of the host, and run again; playbook mgmt_proof proves the same paths alone"
AGAIN = "run again when nobody changes the network"


def proofs(audit: Audit, probe: bool = False, legs: bool = False) -> list[dict[str, Any]]:
    """What role path_proof is asked for, one call after the other, each with the networks of one bond.

    name: for people. networks, bond, legs, ports_up: its options. bound: seconds that the call takes at most. It is
    long, since each host is counted as if it were slow and the hosts took turns.
    """
    by_bond: dict[str, list[dict[str, Any]]] = {}
    for network in _paths.networks(audit, probe):
        by_bond.setdefault(_bond_of(network), []).append(network)
    count = len(audit.proving)
    size = max(1, min(NETWORKS, PATHS // max(1, count - 1)))
    found = []
    for bond, networks in by_bond.items():
        users = _users(audit, bond, probe)
        by_legs = legs and not _why_no_legs(users, bond)
        up = {host.name: _ports(host, bond)["up"] for host in users} if by_legs else {}
        for start in range(0, len(networks), size):
            part = networks[start : start + size]
            seconds = count * (OF_HOST + OF_NETWORK * len(part))
            seconds += sum(OF_PORTS + OF_LEG * (len(ports) + 1) for ports in up.values())
            found.append(
                {
                    "name": ", ".join(map(_path_proof.label, part)),
                    "networks": part,
                    "bond": bond,
                    "legs": by_legs,
                    "ports_up": up,
                    "bound": min(MOST, max(LEAST, seconds)),
                }
            )
    return found


def not_measured(audit: Audit, probe: bool = False, legs: bool = False) -> list[str]:
    """Legs that no packet goes by, a line per bond, and those that have no link."""
    found = []
    made = {item["bond"]: item for item in proofs(audit, probe, legs)}
    for bond in sorted({name for host in audit.readable for name in host.links if name.endswith(BOND_SUFFIX)}):
        proved = made.get(bond, {"ports_up": {}})["ports_up"]
        rest = [host for host in _having(audit, bond) if host.name not in proved and len(_names(host, bond)) > 1]
        if rest:
            found.append(f"legs of {bond}: {'; '.join(_unseen(rest, bond))}; {_how(audit, bond, probe, legs)}")
        for host in (host for host in _having(audit, bond) if host.name in proved):
            found += [f"leg {port} of {bond} on {host.name}: it has no link" for port in _ports(host, bond)["down"]]
    return found


def judged(
    made: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Mapping[str, Any]]],
    wire: str = "",
    lost: str = "",
    unleased: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Checks, paths and what was not measured, of the proofs that were made.

    made: what proofs() gave. answers: of each that was made to its end, in the same order, the results of module
    path_mtu by host. wire: why one broke off. lost: who has begun to change the network meanwhile. unleased: of probe
    and legs, as far as they were asked for, why the Lease was not to be had; empty texts when it was.
    """
    found = [_asked(WIRE, wire, MEND)]
    asked = unleased or {}
    found += [_asked(rule, asked[rule[0]], AGAIN) for rule in (PROBE, LEGS) if rule[0] in asked]
    if asked and not any(asked.values()):
        found.append(_asked(LEASE, lost, AGAIN))
    checks, missed = _of_legs(made, answers)
    missed += [line for proof, results in zip(made, answers, strict=False) for line in _unsent(proof, results)]
    return {
        "checks": [check._asdict() for check in (*found, *checks)],
        "paths": [row for results in answers for row in _paths.rows(results)],
        "not_measured": [*missed, *(f"{item['name']}: not proved to its end" for item in made[len(answers) :])],
    }


def _unsent(proof: Mapping[str, Any], results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Of each network the hosts that have sent nothing on it: they were lost, have refused, or no other was left."""
    sent = {(row["network"], row["source"]) for row in _paths.rows(results)}
    for network in proof["networks"]:
        name = _path_proof.label(network)
        silent = [host for host in network["nodes"] if (name, host) not in sent]
        if silent:
            yield f"{name}: nothing was sent from {', '.join(silent)}"


def _asked(rule: tuple[str, str], problem: str, remedy: str) -> Check:
    return checked(rule, "cluster", "yes", problem or "yes", remedy)


def _of_legs(
    made: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Mapping[str, Any]]]
) -> tuple[list[Check], list[str]]:
    """A check per leg that packets went by, over all proofs of its bond, and a line for each that none went by."""
    seen: dict[tuple[str, str, str], list[str]] = {}
    missed: dict[str, None] = {}
    for proof, results in zip(made, answers, strict=False):
        bad = _path_proof.bad_legs(results)
        for host, result in results.items():
            for leg in result.get("legs") or ():
                if leg["status"] == _path_proof.NOT_PROVED:
                    missed[f"leg {leg['port']} of {proof['bond']} on {host}: {leg['why']}"] = None
                elif leg["status"] != _path_proof.DOWN:
                    lines = seen.setdefault((host, proof["bond"], leg["port"]), [])
                    lines += bad.get((host, leg["port"]), [])
    return [
        checked(
            LEG,
            " ".join(place),
            "yes",
            "; ".join(lines) or "yes",
            f"see cable and switch port of {place[2]} on {place[0]}",
        )
        for place, lines in seen.items()
    ], list(missed)


def _bond_of(network: Mapping[str, Any]) -> str:
    bridge = str(network.get("bridge") or str(network.get("device")).partition(".")[0])
    return bridge.removesuffix(BRIDGE_SUFFIX) + BOND_SUFFIX


def _having(audit: Audit, bond: str) -> list[Host]:
    return [host for host in audit.readable if (host.links.get(bond) or {}).get("bond")]


def _users(audit: Audit, bond: str, probe: bool) -> list[Host]:
    """The hosts that have a network of the bond which is proved."""
    names = {name for item in _paths.networks(audit, probe) if _bond_of(item) == bond for name in item["nodes"]}
    return [host for host in audit.proving if host.name in names]


def _why_no_legs(users: Sequence[Host], bond: str) -> str:
    """Why the legs of a bond are not proved by themselves; empty when they are."""
    without = [host.name for host in users if not _ports(host, bond)["up"]]
    if without:
        return f"no port of it has link on {text(without)}"
    if all(len(_names(host, bond)) < 2 for host in users):
        return "no path between two hosts goes over it"
    return ""


def _how(audit: Audit, bond: str, probe: bool, legs: bool) -> str:
    """What would measure them, or why nothing does."""
    reason = _why_no_legs(_users(audit, bond, probe=True), bond)
    if reason:
        return reason
    options = [] if legs else ["change_verify_legs=true"]
    options += [] if _users(audit, bond, probe) else ["change_verify_probe=true"]
    return f"{' with '.join(options)} proves each"


def _unseen(hosts: Iterable[Host], bond: str) -> Iterator[str]:
    standby, others = [], []
    for host in hosts:
        state = host.links[bond]["bond"]
        if state.get("mode") == BACKUP:
            ports = [name for name in _names(host, bond) if name != state.get("active_port")]
            standby.append(f"{', '.join(ports)} on {host.name}")
        else:
            others.append(host.name)
    if standby:
        yield f"no packet goes by the standby port {', '.join(standby)}"
    if others:
        yield f"which port a packet takes is not known on {text(others)}"


def _names(host: Host, bond: str) -> list[str]:
    return [str(port["name"]) for port in host.links[bond]["bond"].get("ports") or ()] if bond in host.links else []


def _ports(host: Host, bond: str) -> dict[str, list[str]]:
    """up: ports that carry traffic, or could. down: the others."""
    if not (host.links.get(bond) or {}).get("bond"):
        return {"up": [], "down": []}
    return bond_ports({"links": list(host.links.values())}, bond)
