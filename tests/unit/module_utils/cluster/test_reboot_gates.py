# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates before a reboot: what each waits for and refuses, word by word, and how they are waited for.

Nodes n1, n2 and n3 are members of etcd and hold volumes, w4 is a worker that holds none by its labels. Volume v1 is in
use, with replicas on n1 and n2; v2 is detached, with one on n1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cluster_objects import (
    agent,
    config,
    having,
    held_volume,
    instance_manager,
    lacking,
    node,
    setting,
    snapshot,
    status,
    thing,
    upgrade,
)

from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import (
    ApiError,
    Forbidden,
    ServerError,
    Unreachable,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._carry_out import Look, Pace
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot import _gates
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot._gates import Before, gates
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot._wait import wait

LONGHORN = "longhorn-system"
MANAGED = "harvesterhci.io/managed"
VALUE = '{"vlan":60,"clusterNetwork":"cn1","range":"192.0.2.0/24"}'
NAMES = ("n1", "n2", "n3")
WORKER = {"node-role.kubernetes.io/control-plane": "", "node-role.kubernetes.io/etcd": ""}


def member(name: str, boot: str = "old", voter: str = "True", worker: bool = False, **fields: Any) -> Any:
    """A node with its boot id. voter: of its etcd member; empty for no such condition."""
    annotations = fields.pop("annotations", {})
    found = node(name, "cn1", **fields)
    found["metadata"]["annotations"] = annotations
    found["status"]["nodeInfo"] = {"bootID": boot}
    if worker:
        for label in WORKER:
            del found["metadata"]["labels"][label]
    else:
        found["metadata"]["labels"][MANAGED] = "true"
    if voter and not worker:
        found["status"]["conditions"].append({"type": "EtcdIsVoter", "status": voter})
    return found


def in_use(name: str, robustness: str = "healthy", count: int = 3, claim: str = "") -> Any:
    owner = {"kubernetesStatus": {"namespace": "default", "pvcName": claim}} if claim else {}
    said = {"state": "attached", "robustness": robustness, **owner}
    return thing("volumes", name, LONGHORN, spec={"numberOfReplicas": count}, status=said)


def engine(volume: str, state: str = "running", **modes: str) -> Any:
    """modes: replica -> mode, with _ for the hyphen of its name."""
    said = {"currentState": state, "replicaModeMap": {name.replace("_", "-"): mode for name, mode in modes.items()}}
    return thing("engines", volume + "-e-0", LONGHORN, labels={"longhornvolume": volume}, spec={}, status=said)


def replica(name: str, on: str) -> Any:
    return thing("replicas", name, LONGHORN, spec={"nodeID": on, "volumeName": name.partition("-")[0]})


def vip(holder: str) -> Any:
    return thing("leases", "plndr-svcs-lock", "harvester-system", spec={"holderIdentity": holder})


HEALTHY = snapshot(
    setting("server-version", "v1.8.2"),
    setting("storage-network", VALUE),
    *(member(name) for name in NAMES),
    member("w4", worker=True),
    *(agent(name) for name in (*NAMES, "w4")),
    *(instance_manager(name, f"192.0.2.{number}") for number, name in enumerate((*NAMES, "w4"), 5)),
    config("rack-a", selector={}, matched=["n1", "n2"]),
    status("cn1", "rack-a", "n1"),
    status("cn1", "rack-a", "n2"),
    in_use("v1", claim="db"),
    engine("v1", v1_a="RW", v1_b="RW"),
    replica("v1-a", "n1"),
    replica("v1-b", "n2"),
    engine("v2", "stopped", v2_a="RW"),
    replica("v2-a", "n1"),
    vip("n1"),
)
TWO = lacking("nodes/n3", "nodes/w4", "longhorn_pods/longhorn-system/instance-manager-n3", on=HEALTHY)
TWO = lacking("longhorn_pods/longhorn-system/instance-manager-w4", on=TWO)
TURN = Before(turn=("n1",))
CORDON = {"harvester.network/cordoned": "true"}


def found(state: Snapshot, before: Before = TURN) -> dict[str, tuple[list[str], list[str]]]:
    """Gate -> what it waits for and refuses, for those that do not hold."""
    return {gate.name: (list(gate.waits_for), list(gate.refuses)) for gate in gates(state, before) if not gate.holds}


HOLDING = {
    "a node of three": (HEALTHY, TURN),
    "nothing but a look": (HEALTHY, Before()),
    "a new boot id": (having(member("n1", "new"), on=HEALTHY), Before({"n1": "old"}, ("n2",))),
    "the cordon of the node whose turn it is": (having(member("n1", annotations=CORDON), on=HEALTHY), TURN),
    "a cordon of somebody else": (having(member("n2", cordoned=True), on=HEALTHY), TURN),
    "the cordon of a node that has just come back": (
        having(member("n2", annotations=CORDON), on=HEALTHY),
        Before(cordoned=frozenset({"n2"})),
    ),
    "a cordoned node without an instance-manager": (
        having(
            member("n2", cordoned=True), on=lacking("longhorn_pods/longhorn-system/instance-manager-n2", on=HEALTHY)
        ),
        TURN,
    ),
    "a gate that is not asked": (having(vip(""), on=HEALTHY), Before(asked=("nodes", "etcd"))),
    "an upgrade that has ended": (having(upgrade("up1", "Succeeded"), on=HEALTHY), TURN),
    "a worker and a member together": (HEALTHY, Before(turn=("n1", "w4"))),
    "no storage network": (
        having(setting("storage-network"), *(instance_manager(name) for name in (*NAMES, "w4")), on=HEALTHY),
        TURN,
    ),
    "one node alone": (
        snapshot(member("n1"), agent("n1"), instance_manager("n1"), vip("n1")),
        TURN,
    ),
    "two nodes, two replicas, degraded": (
        having(in_use("v1", "degraded"), on=TWO),
        Before(),
    ),
    "two nodes, a volume that is to have one replica": (
        having(in_use("v1", "degraded", count=1), engine("v1", v1_b="RW"), on=TWO),
        Before(),
    ),
}


@pytest.mark.parametrize("name", HOLDING)
def test_gates_hold(name: str) -> None:
    assert found(*HOLDING[name]) == {}


WAITING: dict[str, tuple[Snapshot, Before, dict[str, list[str]]]] = {
    "node away": (
        having(member("w4", up=False, worker=True), on=HEALTHY),
        TURN,
        {"nodes": ["node w4 is not Ready"]},
    ),
    "member away": (
        having(member("n2", up=False), on=HEALTHY),
        TURN,
        {"nodes": ["node n2 is not Ready"], "etcd": ["etcd's node n2 is not Ready"]},
    ),
    "old boot id": (
        HEALTHY,
        Before({"n1": "old"}),
        {"nodes": ["node n1 has not reported a new boot id: it is still 'old'"]},
    ),
    "node gone": (HEALTHY, Before({"n9": "old"}), {"nodes": ["node n9 is not in the cluster any more"]}),
    "maintenance": (
        having(member("n2", annotations={"harvesterhci.io/maintain-status": "completed"}), on=HEALTHY),
        TURN,
        {"nodes": ["node n2 is in maintenance mode"]},
    ),
    "learner": (
        having(member("n3", voter="False"), on=HEALTHY),
        TURN,
        {"etcd": ["node n3: its etcd member is no voter (condition EtcdIsVoter is False)"]},
    ),
    "member that says nothing": (
        having(member("n3", voter=""), on=HEALTHY),
        TURN,
        {"etcd": ["node n3: its etcd member is no voter (condition EtcdIsVoter is missing)"]},
    ),
    "network not ready": (
        having(status("cn1", "rack-a", "n2", False, "get link eno3 failed"), on=HEALTHY),
        TURN,
        {"networks": ["node n2: VlanStatus of network configuration 'rack-a' is not ready: get link eno3 failed"]},
    ),
    "agent away": (
        having(agent("w4", False), on=HEALTHY),
        TURN,
        {"networks": ["node w4: its network agent (harvester-network-controller) is not Running and ready"]},
    ),
    "no lhnet1": (
        having(instance_manager("n2"), on=HEALTHY),
        TURN,
        {"storage_network": ["node n2: instance-manager instance-manager-n2 has no lhnet1"]},
    ),
    "no instance-manager": (
        lacking("longhorn_pods/longhorn-system/instance-manager-n2", on=HEALTHY),
        TURN,
        {"storage_network": ["node n2: no instance-manager is Running"]},
    ),
    "rebuild": (
        having(in_use("v1", "degraded", claim="db"), on=HEALTHY),
        TURN,
        {"volumes": ["volume v1 (claim default/db) is degraded, not healthy"]},
    ),
    "two nodes, one replica": (
        having(engine("v1", v1_a="WO", v1_b="RW"), on=TWO),
        Before(),
        {"volumes": ["volume v1 (claim default/db) has 1 readable replicas, of 2 needed"]},
    ),
    "nobody holds the VIP": (
        having(vip(""), on=HEALTHY),
        TURN,
        {"vip": ["nobody holds the VIP (Lease harvester-system/plndr-svcs-lock)"]},
    ),
    "a stranger holds the VIP": (
        having(vip("n9"), on=HEALTHY),
        TURN,
        {"vip": ["the VIP's holder 'n9' is no node of the cluster"]},
    ),
}


@pytest.mark.parametrize("name", WAITING)
def test_gates_wait(name: str) -> None:
    state, before, lines = WAITING[name]
    assert found(state, before) == {gate: (missing, []) for gate, missing in lines.items()}


REFUSED: dict[str, tuple[Snapshot, Before, dict[str, list[str]]]] = {
    "upgrade": (
        having(upgrade("up1"), on=HEALTHY),
        TURN,
        {"upgrade": ["upgrade 'up1' is running; it reboots nodes itself. Run again when it has ended"]},
    ),
    "cordon of an earlier run": (
        having(member("n2", annotations=CORDON), on=HEALTHY),
        TURN,
        {
            "nodes": [
                (
                    "node n2 still has the cordon of an earlier run. See whether it is well, then take it away (module"
                    " node_drain, state=uncordoned)"
                )
            ]
        },
    ),
    "two members at once": (
        HEALTHY,
        Before(turn=("n1", "n3")),
        {"etcd": ["n1 and n3 would be away, and etcd's 3 members (n1, n2 and n3) bear the loss of 1"]},
    ),
    "one of two members": (
        TWO,
        TURN,
        {"etcd": ["n1 would be away, and etcd's 2 members (n1 and n2) bear the loss of 0"]},
    ),
    "the only healthy replica": (
        having(engine("v1", v1_a="RW"), on=HEALTHY),
        TURN,
        {
            "volumes": [
                (
                    "volume v1 (claim default/db) has its only healthy replica on node n1, which is to be rebooted."
                    " Give it another replica, or stop who uses it"
                )
            ]
        },
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_gates_refuse(name: str) -> None:
    state, before, lines = REFUSED[name]
    assert found(state, before) == {gate: ([], refusals) for gate, refusals in lines.items()}


def test_the_only_replica_on_another_node_is_no_matter() -> None:
    assert found(having(engine("v1", v1_b="RW"), on=HEALTHY)) == {}


def test_every_refusing_gate_is_one_of_the_gates() -> None:
    assert set(_gates.REFUSING) <= set(_gates.WAITING)


# Waiting


class Clock:
    """A time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


AWAY = having(member("w4", up=False, worker=True), on=HEALTHY)
LINE = "nodes: node w4 is not Ready"


def waiting(*states: Snapshot | ApiError, pace: Pace, before: Before = TURN) -> Any:
    """The last state stays."""
    clock = Clock()
    looks = iter(states)

    def read() -> Snapshot:
        found = next(looks, states[-1])
        if isinstance(found, ApiError):
            raise found
        return found

    waited = wait(read, before, pace, clock.sleep, clock)
    return waited.refuses, waited.waits_for, waited.progress, clock.now


@pytest.mark.parametrize(
    ("states", "pace", "result"),
    [
        ([AWAY, AWAY, HEALTHY], Pace(True, 60, 5), ((), (), [Look(0, [LINE]), Look(10, [])], 10)),
        ([AWAY], Pace(True, 20, 5), ((), (LINE,), [Look(0, [LINE])], 20)),
        ([AWAY], Pace(False, 20, 5), ((), (LINE,), [Look(0, [LINE])], 0)),
        ([HEALTHY], Pace(True, 20, 5), ((), (), [Look(0, [])], 0)),
    ],
    ids=["comes back", "does not come back", "one look", "all well"],
)
def test_waiting_is_bounded(states: list[Snapshot], pace: Pace, result: tuple[Any, ...]) -> None:
    assert waiting(*states, pace=pace) == result


@pytest.mark.parametrize("error", [Unreachable("cut off"), ServerError("status 503")], ids=["away", "failing"])
def test_an_api_that_is_away_for_a_while_is_waited_for(error: ApiError) -> None:
    progress = [Look(0, ["the API does not answer: %s" % error]), Look(10, [])]
    assert waiting(error, error, HEALTHY, pace=Pace(True, 20, 5)) == ((), (), progress, 10)
    for pace in (Pace(True, 20, 5), Pace(False, 20, 5)):
        with pytest.raises(ApiError, match=str(error)):
            waiting(error, pace=pace)


def test_what_an_api_refuses_is_not_waited_for() -> None:
    with pytest.raises(Forbidden):
        waiting(Forbidden("no", "list", "nodes"), HEALTHY, pace=Pace(True, 20, 5))


def test_an_upgrade_that_starts_meanwhile_ends_the_waiting() -> None:
    refused = "upgrade: upgrade 'up1' is running; it reboots nodes itself. Run again when it has ended"
    states = [AWAY, having(upgrade("up1"), on=AWAY)]
    progress = [Look(0, [LINE]), Look(5, [refused, LINE])]
    assert waiting(*states, pace=Pace(True, 60, 5)) == ((refused,), (LINE,), progress, 5)


def test_kinds_are_those_that_are_read() -> None:
    """A kind that is not listed would count as none, and its gate would hold for ever."""
    asked: set[str] = set()

    class Watched(Snapshot):
        def all(self, kind: str) -> Any:
            asked.add(kind)
            return super().all(kind)

        def get(self, kind: str, name: str, namespace: str = "") -> Mapping[str, Any] | None:
            asked.add(kind)
            return super().get(kind, name, namespace)

    typed = {"nodes", "vlanconfigs", "vlanstatuses"}
    gates(Watched(HEALTHY._tables, {}), TURN)
    assert asked | typed == set(_gates.kinds(TURN))
    every = Before(turn=("n1",), asked=tuple(_gates.WAITING))
    held = held_volume("v3", "x", ("virt-launcher-a", "VirtualMachineInstance", "a"))
    gates(Watched(having(held, on=HEALTHY)._tables, {}), every)
    assert asked | typed == set(_gates.kinds(every))


def test_gates_that_are_asked_by_name_only() -> None:
    migration = thing("migrations", "m-1", "default", spec={"vmiName": "vm1"}, status={"phase": "Running"})
    ended = thing("migrations", "m-2", "default", spec={"vmiName": "vm2"}, status={"phase": "Succeeded"})
    state = having(migration, ended, on=HEALTHY)
    asked = Before(asked=("migrations", "detached"))
    assert found(state) == found(HEALTHY)
    assert found(state, asked) == {
        "migrations": (["migration 'm-1' of VM 'default/vm1' is in progress"], []),
        "detached": (
            ["volume default/db is attached to node unknown without a pod (a backup, an export, or by hand)"],
            [],
        ),
    }
    assert set(_gates.kinds(asked)) - set(_gates.kinds(Before())) == {"migrations", "vms"}
