# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_drain: whom it evicts, what it waits for, whose cordon stays, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from cluster_api import Api, reply
from cluster_modules import Caller
from cluster_objects import snapshot, thing, upgrade, vmi

from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.drain import _drain, _drain_module
from ansible_collections.harvester.network.plugins.modules import node_drain

DOCUMENTATION = yaml.safe_load(node_drain.DOCUMENTATION)
RETURN = yaml.safe_load(node_drain.RETURN)
COMPARED = ("type", "elements", "default", "required", "choices")
CORDON = {"metadata": {"annotations": {"harvester.network/cordoned": "true"}}, "spec": {"unschedulable": True}}
UNCORDON = {"metadata": {"annotations": {"harvester.network/cordoned": None}}, "spec": {"unschedulable": None}}
BUDGET = {
    "message": "Cannot evict pod as it would violate the pod's disruption budget.",
    "reason": "TooManyRequests",
    "details": {"causes": [{"message": "The disruption budget web needs 1 healthy pods and has 1 currently"}]},
}
NOT_YET = (
    "pod 'default/web' may not go yet: Cannot evict pod as it would violate the pod's disruption budget. The disruption"
    " budget web needs 1 healthy pods and has 1 currently"
)


def node(name: str, cordon: str = "", up: bool = True, **metadata: Any) -> Any:
    """A worker. cordon: "ours" or "theirs"."""
    annotations = {**({"harvester.network/cordoned": "true"} if cordon == "ours" else {}), **metadata.pop("notes", {})}
    state = {"conditions": [{"type": "Ready", "status": str(up)}]}
    found = thing("nodes", name, annotations=annotations, spec={}, status=state, **metadata)
    return {**found, "spec": {"unschedulable": True} if cordon else {}}


def member(name: str, **metadata: Any) -> Any:
    return node(name, labels={"node-role.kubernetes.io/control-plane": "true"}, **metadata)


def pod(name: str, kind: str = "ReplicaSet", phase: str = "Running", **labels: str) -> Any:
    """A pod of n1. kind: of its controller; none without one."""
    found = thing("pods", name, "default", labels=labels, spec={"nodeName": "n1"}, status={"phase": phase})
    found["metadata"]["uid"] = "uid-" + name
    if kind:
        found["metadata"]["ownerReferences"] = [{"kind": kind, "name": "x", "controller": True}]
    return found


class Kubelets(Api):
    """The API with pods: an evicted one is ending, and gone at the next look. refused: how often each is refused."""

    def __init__(self, state: Snapshot, pods: list[Any]) -> None:
        super().__init__(state)
        self.pods = {item["metadata"]["uid"]: item for item in pods}
        self.refused: dict[str, int] = {}
        self.stays: set[str] = set()
        self.asked: list[str] = []
        self.before_look: Callable[[], None] = lambda: None

    def __call__(self, method: str, url: str, body: Any, content_type: str) -> Reply:
        if method == "GET" and url.endswith("/nodes"):
            self.before_look()
        if "fieldSelector=spec.nodeName%3Dn1" in url:
            here = list(self.pods.values())
            self.pods = {
                uid: item
                for uid, item in self.pods.items()
                if "deletionTimestamp" not in item["metadata"] or item["metadata"]["name"] in self.stays
            }
            return reply({"items": here})
        if url.endswith("/eviction"):
            return self._evict(body)
        return super().__call__(method, url, body, content_type)

    def _evict(self, body: Any) -> Reply:
        name, uid = body["metadata"]["name"], body["deleteOptions"]["preconditions"]["uid"]
        self.asked.append(name)
        if self.refused.get(name, 0) > 0:
            self.refused[name] -= 1
            return Reply(429, reply(BUDGET).text)
        self.pods[uid]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        return reply({})


class Drainer(Caller):
    """Calls the module with kubelets behind the API, without pauses between two looks."""

    def __init__(self, state: Snapshot, pods: list[Any], monkeypatch: Any, capsys: Any) -> None:
        super().__init__("node_drain", state, monkeypatch, capsys)
        self.api: Kubelets = Kubelets(state, pods)
        now = [0.0]

        class Quick(_drain.Drain):
            def __init__(self, client: Any, name: str, pace: Any) -> None:
                super().__init__(
                    client, name, pace, lambda seconds: now.__setitem__(0, now[0] + seconds), lambda: now[0]
                )

        monkeypatch.setattr(_drain_module, "Drain", Quick)

    def __call__(self, check: bool = False, **options: Any) -> dict[str, Any]:
        self.api.asked.clear()
        found = super().__call__(check, **{"node": "n1", "state": "drained", "wait_timeout": 60, **options})
        found.pop("invocation", None)
        return found


@pytest.fixture
def drainer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda state, *pods: Drainer(state, list(pods), monkeypatch, capsys)


EMPTY = snapshot(node("n1"), node("n2"))
OURS = snapshot(node("n1", "ours"), node("n2"))
THEIRS = snapshot(node("n1", "theirs"), node("n2"))


def names(found: dict[str, Any], key: str) -> list[str]:
    return [item["name"] for item in found[key]]


def test_check_run_and_second_run(drainer: Any) -> None:
    call = drainer(EMPTY, pod("web"), pod("canal", "DaemonSet"))
    found = call(check=True)
    assert (found["changed"], found["cordoned_by"], call.api.asked, call.writes) == (True, "this_call", [], [])
    assert (names(found, "evicted"), names(found, "left")) == (["web"], ["canal"])
    found = call()
    assert found["changed"]
    assert found["objects"] == [{"kind": "Node", "namespace": "", "name": "n1", "action": "changed"}]
    assert "unschedulable: true" in found["diff"][0]["after"]
    assert call.writes == [("PATCH", "n1", CORDON)]
    assert found["missing"] == []
    assert [look["missing"] for look in found["progress"]] == [["pod 'default/web' is ending"], []]
    assert set(found) - {"changed", "diff"} == set(RETURN) - {"waited"}
    found = call()
    assert (found["changed"], found["cordoned_by"], names(found, "evicted")) == (False, "harvester.network", [])
    found = call(state="uncordoned", check=True)
    assert (found["changed"], found["cordoned_by"], call.writes) == (True, "", [])
    found = call(state="uncordoned")
    assert (found["changed"], found["cordoned_by"]) == (True, "")
    assert call.writes == [("PATCH", "n1", UNCORDON)]
    assert not call(state="uncordoned")["changed"]


def test_only_a_cordon(drainer: Any) -> None:
    call = drainer(EMPTY, pod("web"))
    found = call(state="cordoned")
    assert (found["changed"], found["cordoned_by"], found["evicted"], call.api.asked) == (True, "this_call", [], [])
    assert not call(state="cordoned")["changed"]


LEFT: dict[str, tuple[Any, str]] = {
    "VM": (
        pod("p", **{"kubevirt.io": "virt-launcher"}),
        "a VM runs in it, and VMs are moved or stopped, not evicted",
    ),
    "disk": (pod("p", **{"kubevirt.io": "hotplug-disk"}), "it holds a disk of a VM"),
    "attacher": (pod("p", app="csi-attacher"), "volumes are not detached without it"),
    "provisioner": (pod("p", app="csi-provisioner"), "volumes are not detached without it"),
    "daemon": (pod("p", "DaemonSet"), "DaemonSet 'x' would make it anew on this node"),
    "ended": (pod("p", phase="Succeeded"), "it has ended (Succeeded)"),
    "failed": (pod("p", phase="Failed"), "it has ended (Failed)"),
    "nobody's": (pod("p", ""), "no controller would make it again; it starts again with the node"),
    "static": (
        {
            **pod("p", "Node"),
            "metadata": {**pod("p", "Node")["metadata"], "annotations": {"kubernetes.io/config.mirror": "x"}},
        },
        "the kubelet runs it from a file of the node",
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_pods_that_are_left(drainer: Any, name: str) -> None:
    item, why = LEFT[name]
    call = drainer(EMPTY, item, pod("web"))
    found = call()
    assert found["left"] == [{"namespace": "default", "name": "p", "why": why}]
    assert call.api.asked == ["web"]


GOING = {
    "virt-api": pod("p", **{"kubevirt.io": "virt-api"}),
    "resizer": pod("p", app="csi-resizer"),
    "instance-manager": pod("p", "InstanceManager"),
}


@pytest.mark.parametrize("name", GOING)
def test_pods_that_go(drainer: Any, name: str) -> None:
    assert drainer(EMPTY, GOING[name])()["evicted"] == [{"namespace": "default", "name": "p"}]


def test_nobodys_pods_go_for_good_when_that_is_asked(drainer: Any) -> None:
    assert names(drainer(EMPTY, pod("p", ""))(unmanaged_pods="evict"), "evicted") == ["p"]


def test_a_refused_eviction_is_asked_for_again(drainer: Any) -> None:
    call = drainer(EMPTY, pod("web"), pod("db"))
    call.api.refused = {"web": 3}
    found = call()
    assert not found.get("failed")
    assert call.api.asked == ["db", "web", "web", "web", "web"]
    assert found["progress"][0]["missing"] == ["pod 'default/db' is ending", NOT_YET]
    assert found["progress"][-1] == {"after": 5, "missing": []}


ENDS: dict[str, tuple[Snapshot, str, str, bool]] = {
    "cordoned by this call": (EMPTY, "Its cordon was taken away again", "", False),
    "by an earlier one": (
        OURS,
        "It stays cordoned by an earlier call; state=uncordoned takes that away",
        "harvester.network",
        True,
    ),
    "by others": (THEIRS, "It stays cordoned, as somebody else has it", "others", True),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_drain_that_never_ends(drainer: Any, name: str) -> None:
    state, said, by, stays = ENDS[name]
    call = drainer(state, pod("web"), pod("db"))
    call.api.refused, call.api.stays = {"web": 1000}, {"db"}
    found = call()
    assert found["failed"]
    assert found["msg"] == (
        "node 'n1' is not drained: waited 60 s in vain; what is missing:\n"
        "pod 'default/db' is ending\n" + NOT_YET + "\n" + said
    )
    assert (found["cordoned_by"], call.api.state.nodes["n1"].cordoned) == (by, stays)
    assert found["missing"] == ["pod 'default/db' is ending", NOT_YET]


def test_a_cordon_that_cannot_be_taken_back_is_told(drainer: Any) -> None:
    call = drainer(EMPTY, pod("web"))
    call.api.refused = {"web": 1000}

    def vanish() -> None:
        if call.api.asked:
            call.api.state = snapshot(node("n2"))

    call.api.before_look = vanish
    found = call()
    gone_text = "node 'n1': it is not in the cluster; its nodes are n2"
    assert found["msg"] == (
        "node 'n1' is not drained: %s\nIt stays cordoned (%s); state=uncordoned takes that away"
        % (gone_text, gone_text)
    )


def test_without_waiting_each_eviction_is_asked_for_once(drainer: Any) -> None:
    call = drainer(EMPTY, pod("web"))
    call.api.refused = {"web": 1}
    found = call(wait=False)
    assert (found["changed"], found["missing"], call.api.asked) == (True, [NOT_YET], ["web"])


def test_a_foreign_cordon_stays(drainer: Any) -> None:
    call = drainer(THEIRS, pod("web"))
    found = call()
    assert (found["changed"], found["cordoned_by"], found["objects"]) == (True, "others", [])
    found = call(state="uncordoned")
    assert (found["changed"], found["cordoned_by"], call.writes) == (False, "others", [])
    assert "node 'n1' stays cordoned: somebody else has cordoned it" in str(found["warnings"])


MEANWHILE: dict[str, tuple[Any, str]] = {
    "uncordoned": (node("n1"), "somebody has uncordoned it while it was drained"),
    "lost": (node("n1", "ours", up=False), "it has become not Ready while it was drained"),
    "VMs": (vmi("vm1", on="n1"), "VMs have come to it while it was drained: default/vm1"),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_others_do_meanwhile_ends_it(drainer: Any, name: str) -> None:
    item, rule = MEANWHILE[name]
    call = drainer(EMPTY, pod("web"))
    call.api.refused = {"web": 1000}
    kind = "vmis" if name == "VMs" else "nodes"

    def change() -> None:
        if call.api.asked:
            call.api.state = call.api.state.put(kind, item)

    call.api.before_look = change
    found = call()
    assert found["msg"].splitlines()[0] == "node 'n1' is not drained: node 'n1': %s; see who works on it" % rule


THREE = [member("n1"), member("n2"), member("n3")]
MAINTAINED = {"notes": {"harvesterhci.io/maintain-status": "completed"}}
TWO = (
    "it is one of 2 control-plane nodes outside maintenance mode (n1 and n2), and Harvester lets one be drained only"
    " while there are exactly 3; bring the others back first, or reboot it without a drain"
)
RUNNING = (
    "VMs run on it: default/vm1; move or stop them first (module vm_power), or set allow_running_vms=true: they stay on"
    " it"
)
REFUSED: dict[str, tuple[Snapshot, str]] = {
    "unknown": (snapshot(node("n2"), node("n3")), "it is not in the cluster; its nodes are n2, n3"),
    "witness": (
        snapshot(node("n1", labels={"node-role.harvesterhci.io/witness": "true"})),
        "it is a witness, which is not drained: it runs etcd and nothing that could go elsewhere; leave it out",
    ),
    "lost": (snapshot(node("n1", up=False)), "it is not Ready, so its pods would never end; bring it back first"),
    "maintained": (
        snapshot(node("n1", **MAINTAINED)),
        "it is in Harvester's maintenance mode; disable that first, it has a drain of its own",
    ),
    "upgraded": (
        EMPTY.put("upgrades", upgrade("u1")),
        "upgrade 'u1' is running; it drains nodes itself; run again when it has ended",
    ),
    "alone": (
        snapshot(member("n1"), node("n2")),
        "it is the only control-plane node of the cluster; reboot it without a drain",
    ),
    "two": (
        snapshot(*THREE[:2]),
        TWO,
    ),
    "another maintained": (
        snapshot(*THREE[:2], member("n3", **MAINTAINED)),
        TWO,
    ),
    "VMs": (
        EMPTY.put("vmis", vmi("vm1", on="n1")),
        RUNNING,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("check", [True, False])
def test_refusals(drainer: Any, name: str, check: bool) -> None:
    state, text = REFUSED[name]
    call = drainer(state, pod("web"))
    found = call(check=check)
    assert found["msg"] == "node 'n1': " + text
    assert (call.writes, call.api.asked) == ([], [])


TAKEN = {
    "one of three": snapshot(*THREE),
    "worker of two members": snapshot(node("n1"), member("n2"), member("n3")),
    "VM elsewhere": EMPTY.put("vmis", vmi("vm1", on="n2")),
    "VM that has ended": EMPTY.put("vmis", vmi("vm1", on="n1", phase="Succeeded")),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_not_refused(drainer: Any, name: str) -> None:
    assert names(drainer(TAKEN[name], pod("web"))(), "evicted") == ["web"]


def test_vms_stay_where_that_is_allowed(drainer: Any) -> None:
    call = drainer(EMPTY.put("vmis", vmi("vm1", on="n1")), pod("web"))
    assert not call(allow_running_vms=True).get("failed")


def test_documentation_says_what_the_argument_spec_says() -> None:
    documented = {
        name: {key: option[key] for key in COMPARED if key in option}
        for name, option in DOCUMENTATION["options"].items()
    }
    assert documented == _drain_module.DRAIN_ARGSPEC
