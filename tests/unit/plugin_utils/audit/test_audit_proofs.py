# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the audit's paths are proved, bond by bond, which legs nobody looks at, and what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from audit_samples import NODES, audit, bond, cluster, host, links, vm_network, without

from ansible_collections.harvester.network.plugins.plugin_utils.audit import _proofs
from ansible_collections.harvester.network.plugins.plugin_utils.audit._model import Audit, Host

UP = {name: ["eno1", "eno2"] for name in NODES}
STANDBY = "legs of mgmt-bo: no packet goes by the standby port eno2 on n1, eno2 on n2, eno2 on n3"
SECOND_STANDBY = "legs of vmnet-bo: no packet goes by the standby port eno4 on n1, eno4 on n2, eno4 on n3"


def other(name: str, *items: dict[str, Any]) -> Host:
    """A host with these links in place of those of the same names."""
    given = {item["name"]: item for item in items}
    return host(name, links=[given.get(link["name"], link) for link in links(int(name[1:]))])


def test_each_bond_has_a_proof_of_its_own() -> None:
    found = _proofs.proofs(audit(), probe=True)
    assert [(one["name"], one["bond"], one["legs"], one["ports_up"], one["bound"]) for one in found] == [
        ("mgmt-br.2017", "mgmt-bo", False, {}, 600),
        ("VLAN 50 of vmnet, VLAN 100 of vmnet", "vmnet-bo", False, {}, 600),
    ]
    assert [one["bond"] for one in _proofs.proofs(audit())] == ["mgmt-bo"]


def test_legs_are_proved_where_a_bond_has_some() -> None:
    found = _proofs.proofs(audit(), probe=True, legs=True)
    assert [(one["bond"], one["legs"], one["ports_up"]) for one in found] == [
        ("mgmt-bo", True, UP),
        ("vmnet-bo", False, {}),
    ]


def test_a_port_without_link_is_not_waited_for() -> None:
    ports = [{"name": "eno1", "mii_status": "up"}, {"name": "eno2", "mii_status": "down"}]
    given = audit(other("n2", bond("mgmt-bo", "eno1", "eno2", ports=ports)))
    (proof,) = _proofs.proofs(given, legs=True)
    assert (proof["legs"], proof["ports_up"]) == (True, {**UP, "n2": ["eno1"]})
    assert _proofs.not_measured(given, legs=True) == ["leg eno2 of mgmt-bo on n2: it has no link"]


def test_many_networks_come_in_parts_and_what_lasts_longer_gets_its_time() -> None:
    nets = [vm_network(f"v{vid}", vlan_id=vid) for vid in range(100, 145)]
    found = _proofs.proofs(audit(cluster=cluster(vm_networks=nets)), probe=True)
    assert [len(one["networks"]) for one in found] == [1, 20, 20, 5]
    hosts = [host(f"n{number}") for number in range(1, 102)]
    many = _proofs.proofs(audit(*hosts, cluster=None), legs=True)
    assert [one["bound"] for one in many] == [101 * (60 + 5) + 101 * (90 + 3 * 20)]


def test_a_call_has_no_more_paths_than_the_module_takes() -> None:
    names = [f"n{number}" for number in range(1, 102)]
    nets = [vm_network(f"v{vid}", vlan_id=vid) for vid in range(100, 115)]
    networks = [{"name": "vmnet", "mtu": 9000, "uplink_mtu": "9000", "not_ready": [], "active_nodes": names}]
    given = audit(*map(host, names), cluster=cluster(cluster_networks=networks, vm_networks=nets))
    found = _proofs.proofs(given, probe=True)
    assert [len(one["networks"]) for one in found] == [1, 10, 5]
    assert max(len(one["networks"]) * (len(names) - 1) for one in found) == 1000


TWO = [other(name, bond("vmnet-bo", "eno3", "eno4")) for name in NODES]
LACP = {"mode": "802.3ad", "aggregator": 1, "partner_mac": "00:00:00:00:00:01"}
DARK = [{"name": name, "mii_status": "down"} for name in ("eno1", "eno2")]
UNSEEN: dict[str, tuple[Audit, dict[str, bool], list[str]]] = {
    "standby ports": (audit(), {}, [f"{STANDBY}; change_verify_legs=true proves each"]),
    "none with legs": (audit(), {"legs": True}, []),
    "none without a second port": (
        audit(*(other(name, bond("mgmt-bo", "eno1")) for name in NODES)),
        {},
        [],
    ),
    "of a host that is away": (
        audit(Host("n2", "n2", "away")),
        {},
        [
            (
                "legs of mgmt-bo: no packet goes by the standby port eno2 on n1, eno2 on n3; change_verify_legs=true"
                " proves each"
            )
        ],
    ),
    "those that all carry traffic": (
        audit(*(other(name, bond("mgmt-bo", "eno1", "eno2", **LACP)) for name in NODES)),
        {},
        [
            (
                "legs of mgmt-bo: which port a packet takes is not known on n1, n2, n3;"
                " change_verify_legs=true proves each"
            ),
        ],
    ),
    "of a bond that nothing goes over without a probe": (
        audit(*TWO),
        {"legs": True},
        [
            f"{SECOND_STANDBY}; change_verify_probe=true proves each",
        ],
    ),
    "of a bond that wants both": (
        audit(*TWO),
        {},
        [
            f"{STANDBY}; change_verify_legs=true proves each",
            f"{SECOND_STANDBY}; change_verify_legs=true with change_verify_probe=true proves each",
        ],
    ),
    "of a bond that nothing goes over": (
        audit(*TWO, cluster=cluster(vm_networks=[])),
        {"legs": True, "probe": True},
        [
            f"{SECOND_STANDBY}; no path between two hosts goes over it",
        ],
    ),
    "of a bond without link on one host": (
        audit(other("n2", bond("mgmt-bo", "eno1", "eno2", ports=DARK))),
        {"legs": True},
        [f"{STANDBY}; no port of it has link on n2"],
    ),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_legs_that_nobody_looks_at(name: str) -> None:
    given, asked, expected = UNSEEN[name]
    assert _proofs.not_measured(given, **asked) == expected


def test_a_bond_that_is_missing_on_a_host_is_not_proved_by_legs() -> None:
    given = audit(host("n2", links=without("n2", "mgmt-bo")))
    (proof,) = _proofs.proofs(given, legs=True)
    assert (proof["legs"], proof["ports_up"]) == (False, {})


# --- what came of it


def path(name: str, status: str = "proved", mtu: int = 9000) -> dict[str, Any]:
    largest = {"proved": mtu, "mtu_too_small": 1500}.get(status)
    return {"name": name, "mtu": mtu, "status": status, "largest": largest, "why": status}


def leg(port: str, *paths: dict[str, Any], status: str = "proved") -> dict[str, Any]:
    return {"port": port, "status": status, "why": f"{port}: {status}", "was_active": port == "eno1", "paths": paths}


def answers(**standby: str) -> dict[str, dict[str, Any]]:
    """Of two hosts whose ports have proved all, but for the standby port of those that are named."""
    found = {}
    for name, peer in (("n1", "n2"), ("n2", "n1")):
        one, status = f"mgmt-br.2017|{peer}", standby.get(name, "proved")
        legs = [leg("eno1", path(one)), leg("eno2", path(one, status), status=status)]
        found[name] = {"paths": [path(one)], "legs": legs}
    return found


PROOF = {"name": "mgmt-br.2017", "bond": "mgmt-bo", "networks": [{"device": "mgmt-br.2017", "nodes": ["n1", "n2"]}]}
SECOND = {
    "name": "VLAN 100 of vmnet",
    "bond": "vmnet-bo",
    "networks": [{"vlan_id": 100, "bridge": "vmnet-br", "nodes": ["n1", "n2", "n3"]}],
}


def shown(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(check["id"], check["where"], check["seen"]) for check in found["checks"] if not check["passed"]]


def test_everything_is_proved() -> None:
    found = _proofs.judged([PROOF], [answers()], unleased={"legs": ""})
    assert (shown(found), found["not_measured"]) == ([], [])
    assert [check["id"] for check in found["checks"]] == ["wire", "legs", "lease", "leg", "leg", "leg", "leg"]
    assert [row["target"] for row in found["paths"]] == ["n2", "n1"]


def test_a_standby_port_that_is_small_is_a_failed_check_of_its_own() -> None:
    found = _proofs.judged([PROOF], [answers(n2="mtu_too_small")], unleased={"legs": ""})
    assert shown(found) == [
        ("leg", "n2 mgmt-bo eno2", "mgmt-br.2017: 9000 bytes do not pass, at most 1500 do"),
    ]
    (remedy,) = [check["remedy"] for check in found["checks"] if not check["passed"]]
    assert remedy == "see cable and switch port of eno2 on n2"


def test_what_a_later_proof_finds_on_the_same_leg_is_told_too() -> None:
    found = _proofs.judged([PROOF, PROOF], [answers(n2="mtu_too_small"), answers()], unleased={"legs": ""})
    assert [place for _id, place, _seen in shown(found)] == ["n2 mgmt-bo eno2"]
    assert [check["where"] for check in found["checks"]].count("n2 mgmt-bo eno2") == 1


def test_a_leg_that_no_packet_took_is_not_measured() -> None:
    found = _proofs.judged([PROOF], [answers(n1="not_proved")], unleased={"legs": ""})
    assert (shown(found), found["not_measured"]) == ([], ["leg eno2 of mgmt-bo on n1: eno2: not_proved"])
    assert "n1 mgmt-bo eno2" not in {check["where"] for check in found["checks"]}


def test_what_a_lost_lease_has_left_out_is_not_measured() -> None:
    found = _proofs.judged([PROOF, SECOND], [answers()], lost="overtaken", unleased={"probe": ""})
    assert shown(found) == [("lease", "cluster", "overtaken")]
    assert found["not_measured"] == ["VLAN 100 of vmnet: not proved to its end"]


def test_a_proof_that_broke_off_and_a_lease_that_was_not_to_be_had() -> None:
    found = _proofs.judged([PROOF], [], wire="n3 was lost", unleased={"probe": "held by x/y", "legs": "held by x/y"})
    assert shown(found) == [
        ("wire", "cluster", "n3 was lost"),
        ("probe", "cluster", "held by x/y"),
        ("legs", "cluster", "held by x/y"),
    ]
    assert found["not_measured"] == ["mgmt-br.2017: not proved to its end"]
    assert "lease" not in {check["id"] for check in found["checks"]}


@pytest.mark.parametrize(
    ("sent", "silent"),
    [
        ({}, "n1, n2, n3"),
        ({"n1": {"unreachable": True, "msg": "timed out"}, "n2": ["n3"], "n3": ["n2"]}, "n1"),
        ({"n1": {"failed": True, "msg": "no"}, "n2": {"skipped": True}}, "n1, n2, n3"),
        ({"n1": ["n2", "n3"], "n2": ["n1", "n3"], "n3": ["n1"]}, ""),
    ],
    ids=["nobody", "one-was-lost", "one-refused-and-nobody-was-left", "all"],
)
def test_who_has_sent_nothing_on_a_network_is_not_measured(sent: dict[str, Any], silent: str) -> None:
    name = SECOND["name"]
    results = {
        host: given if isinstance(given, dict) else {"paths": [path(f"{name}|{peer}") for peer in given]}
        for host, given in sent.items()
    }
    found = _proofs.judged([SECOND], [results])
    assert found["not_measured"] == ([f"{name}: nothing was sent from {silent}"] if silent else [])
