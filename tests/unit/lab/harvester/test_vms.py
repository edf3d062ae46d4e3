# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs: placement, VMIs by run strategy, interfaces on the node; canal's device (facts, 2.7, 3.5, 3.10 and 6)."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from standin_objects import P, cluster, nad, node, obj, vm, vmi

from lab.harvester import canal, kinds
from lab.harvester.agent.links import Link
from lab.harvester.agent.node import played
from lab.harvester.kinds import NODE, VM, VMI
from lab.harvester.manager import interfaces
from lab.harvester.manager.placement import choose, fits
from lab.harvester.moment import Moment
from lab.harvester.objects import Obj
from lab.harvester.settings import Delays, Faults
from lab.harvester.versions import VERSIONS
from lab.harvester.view import Snapshot, get
from lab.harvester.vms.lifecycle import Vms
from lab.harvester.webhooks import virtual_machine
from lab.harvester.webhooks.admission import Request, patched
from lab.harvester.writes import apply

CN1 = {f"{P}/cn1": "true"}


def affinity(*terms: Any) -> Obj:
    required = {"nodeSelectorTerms": list(terms)}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


IN_CN1 = {"matchExpressions": [{"key": f"{P}/cn1", "operator": "In", "values": ["true"]}]}
NODE2 = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node2"]}]}


@pytest.mark.parametrize(
    ("spec", "on", "fit"),
    [
        ({}, node("node1"), True),
        ({}, node("node1", ready=False), False),
        ({}, node("node1", witness=True), False),
        ({}, node("node1", spec={"unschedulable": True}), False),
        (affinity(IN_CN1), node("node1"), False),
        (affinity(IN_CN1), node("node1", labels=CN1), True),
        (affinity(IN_CN1, NODE2), node("node2"), True),
        (affinity({}), node("node1"), False),
        ({"nodeSelector": {"zone": "a"}}, node("node1"), False),
        ({"nodeSelector": {"zone": "a"}}, node("node1", labels={"zone": "a"}), True),
    ],
)
def test_fits(spec: Obj, on: Obj, fit: bool) -> None:
    assert fits(spec, on) is fit


def test_the_node_with_the_fewest_vms() -> None:
    assert choose(cluster(vmi("a", []), vmi("b", [], on="node2")), {}) == "node3"
    assert choose(cluster(), affinity(IN_CN1)) == ""


# --- run strategies


class Machines:
    def __init__(self, *objects: Obj, start: float = 0.0, stop: float = 0.0, faults: Faults | None = None) -> None:
        self.view: Snapshot = cluster(*objects)
        self.vms = Vms()
        self.delays = Delays(vm_start=start, vm_stop=stop)
        self.faults = faults or Faults()
        self.clock = 0.0

    def settle(self) -> None:
        for _ in range(8):
            found = self.vms.writes(self.view, Moment(self.clock, "2026-01-01T00:00:00Z", self.delays, self.faults))
            if not found:
                return
            apply(self.view, found)
        raise AssertionError(found)

    def vmi(self) -> Obj | None:
        return get(self.view, VMI, "v", "default")

    def printable(self) -> str:
        found = get(self.view, VM, "v", "default")
        assert found
        return str(found["status"]["printableStatus"])


def test_a_vm_runs_where_its_networks_are() -> None:
    given = vm("v", ["n"], strategy="Always")
    view = cluster(nad("n"))
    wanted = patched(given, virtual_machine.mutate(Request("CREATE", None, given), view, VERSIONS["1.8"]))
    world = Machines(wanted, nad("n"))
    world.settle()
    found = world.vmi()
    assert found
    assert found["status"] == {"phase": "Scheduling"}
    assert world.printable() == "ErrorUnschedulable"
    world.view.put(NODE, node("node2", labels=CN1))
    world.settle()
    found = world.vmi()
    assert found
    assert (found["status"]["phase"], found["status"]["nodeName"]) == ("Running", "node2")
    assert found["metadata"]["labels"] == {"kubevirt.io/nodeName": "node2"}
    assert [(item["type"], item["status"]) for item in found["status"]["conditions"]] == [
        ("Ready", "True"),
        ("LiveMigratable", "True"),
        ("AgentConnected", "True"),
    ]
    assert world.printable() == "Running"


def test_start_and_stop() -> None:
    world = Machines(vm("v", strategy="RerunOnFailure"))
    world.settle()
    found = world.vmi()
    assert found
    (owner,) = found["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("VirtualMachine", "uid-v")
    there = get(world.view, VM, "v", "default")
    assert there
    assert there["metadata"]["annotations"] == {"harvesterhci.io/vmRunStrategy": "RerunOnFailure"}
    there["spec"]["runStrategy"] = "Halted"
    world.settle()
    assert world.vmi() is None
    assert world.printable() == "Stopped"


def started(vm_: Obj, **faults: Any) -> Machines:
    """A VM that is started once more."""
    world = Machines(vm_, nad("n"), node("node1", labels=CN1), faults=Faults(**faults))
    world.settle()
    return world


def of_interfaces(world: Machines) -> dict[str, str]:
    found = world.vmi()
    assert found
    return {item["name"]: item["mac"] for item in found["status"]["interfaces"]}


def restarted(world: Machines) -> dict[str, str]:
    """The MACs after a stop and a start."""
    there = get(world.view, VM, "v", "default")
    assert there
    for strategy in ("Halted", "Always"):
        there["spec"]["runStrategy"] = strategy
        world.settle()
        there = get(world.view, VM, "v", "default")
        assert there
    return of_interfaces(world)


def with_interfaces(*interfaces: Obj) -> Obj:
    found = vm("v", ["n", "n"], strategy="Always")
    found["spec"]["template"]["spec"]["domain"] = {"devices": {"interfaces": list(interfaces)}}
    return found


def test_interfaces_keep_their_macs() -> None:
    """Those that KubeVirt has chosen too: Harvester takes note of them."""
    world = started(with_interfaces({"name": "n0", "macAddress": "52:54:00:00:00:01"}, {"name": "n1"}))
    macs = of_interfaces(world)
    assert (macs["n0"], macs["n1"][:5]) == ("52:54:00:00:00:01", "02:00")
    there = get(world.view, VM, "v", "default")
    assert there
    assert json.loads(there["metadata"]["annotations"]["harvesterhci.io/mac-address"]) == macs
    assert restarted(world) == macs
    world.faults = Faults(forgets_macs=("default/v",))
    after = restarted(world)
    assert after["n0"] == macs["n0"]
    assert after["n1"] != macs["n1"]


def test_a_vm_that_does_not_get_ready() -> None:
    world = started(vm("v", ["n"], strategy="Always"), not_ready=("default/v",), without_agent=("default/v",))
    found = world.vmi()
    assert found
    assert [(item["type"], item["status"], item.get("reason")) for item in found["status"]["conditions"]] == [
        ("Ready", "False", "ContainersNotReady"),
        ("LiveMigratable", "True", None),
    ]
    assert found["status"]["phase"] == "Running"


def test_an_agent_that_comes_later() -> None:
    world = Machines(vm("v", ["n"], strategy="Always"), nad("n"), node("node1", labels=CN1))
    world.delays = Delays(agent=5)
    world.settle()

    def agents() -> int:
        found = world.vmi()
        assert found
        return [item["type"] for item in found["status"]["conditions"]].count("AgentConnected")

    assert agents() == 0
    world.clock = 6.0
    world.settle()
    assert agents() == 1
    world.clock = 12.0
    world.settle()
    assert agents() == 1


@pytest.mark.parametrize(
    ("strategy", "phase", "printable"),
    [
        ("RerunOnFailure", "Succeeded", "Stopped"),
        ("RerunOnFailure", "Failed", "Running"),
        ("Always", "Succeeded", "Running"),
        ("Once", "Failed", "CrashLoopBackOff"),
        ("Once", "Succeeded", "Stopped"),
        ("Manual", "Succeeded", "Stopped"),
        ("Halted", "Succeeded", "Stopped"),
        ("Halted", "Running", "Stopped"),
        ("Manual", "Running", "Running"),
    ],
)
def test_after_the_end_of_a_guest(strategy: str, phase: str, printable: str) -> None:
    world = Machines(vm("v", strategy=strategy), vmi("v", [], phase=phase))
    world.settle()
    assert world.printable() == printable


@pytest.mark.parametrize("strategy", ["Halted", "Manual"])
def test_not_started(strategy: str) -> None:
    world = Machines(vm("v", strategy=strategy))
    world.settle()
    assert world.vmi() is None


def the_vm(world: Machines) -> Obj:
    found = get(world.view, VM, "v", "default")
    assert found
    return found


@pytest.mark.parametrize(
    ("strategy", "settled", "runs"),
    [
        ("Always", "Always", True),
        ("RerunOnFailure", "RerunOnFailure", False),
        ("RerunOnFailure", "Halted", True),
        ("Once", "Once", False),
        ("Once", "", True),
        ("Manual", "Halted", False),
    ],
)
def test_a_vm_without_instance(strategy: str, settled: str, runs: bool) -> None:
    """RerunOnFailure and Once start what is new to them, and nothing whose guest was shut down and deleted."""
    given = vm("v", strategy=strategy)
    given["status"] |= {"runStrategy": settled} if settled else {}
    world = Machines(given)
    world.settle()
    assert (world.vmi() is not None) is runs
    assert the_vm(world)["status"]["runStrategy"] == strategy


@pytest.mark.parametrize(("running", "printable"), [(True, "Running"), (False, "Stopped")])
def test_the_older_field(running: bool, printable: str) -> None:
    given = vm("v")
    del given["spec"]["runStrategy"]
    given["spec"]["running"] = not running
    world = Machines(given)
    world.settle()
    the_vm(world)["spec"]["running"] = running
    world.settle()
    assert world.printable() == printable


@pytest.mark.parametrize(("action", "printable"), [("Start", "Running"), ("Stop", "Stopped")])
def test_requests(action: str, printable: str) -> None:
    there = [vmi("v", [])] if action == "Stop" else []
    given = vm("v", strategy="Manual")
    given["status"]["stateChangeRequests"] = [{"action": action}]
    world = Machines(given, *there)
    world.settle()
    assert world.printable() == printable
    assert "stateChangeRequests" not in the_vm(world)["status"]


def phases(world: Machines, *clocks: float) -> list[str]:
    """The instance's phase at these times, after its VM was halted; '' once it is gone."""
    the_vm(world)["spec"]["runStrategy"] = "Halted"
    found = []
    for clock in clocks:
        world.clock = clock
        writes = world.vms.writes(world.view, Moment(clock, "", world.delays, world.faults))
        while writes:
            apply(world.view, writes)
            there = world.vmi()
            found.append(there["status"]["phase"] if there else "")
            writes = world.vms.writes(world.view, Moment(clock, "", world.delays, world.faults))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("stop", "faults", "paused", "grace", "last"),
    [
        (5.0, Faults(), "", 60, "Succeeded"),
        (90.0, Faults(), "", 60, "Failed"),
        (0.0, Faults(stubborn_guests=("default/v",)), "", 60, "Failed"),
        (0.0, Faults(), "PausedByUser", 60, "Failed"),
        (0.0, Faults(), "PausedIOError", 60, "Failed"),
        (29.0, Faults(), "", None, "Succeeded"),
        (31.0, Faults(), "", None, "Failed"),
    ],
)
def test_the_end_of_a_guest(stop: float, faults: Faults, paused: str, grace: int | None, last: str) -> None:
    there = vmi("v", [])
    if grace is not None:
        there["spec"]["terminationGracePeriodSeconds"] = grace
    if paused:
        there["status"]["conditions"] = [{"type": "Paused", "status": "True", "reason": paused}]
    world = Machines(vm("v", strategy="Always"), there, stop=stop, faults=faults)
    world.settle()
    assert phases(world, 0.0, stop, 100.0) == ["Running", last, ""]
    assert world.printable() == "Stopped"


def test_a_paused_vm() -> None:
    there = vmi("v", [])
    there["status"]["conditions"] = [{"type": "Paused", "status": "True", "reason": "PausedByUser"}]
    world = Machines(vm("v", strategy="Always"), there)
    world.settle()
    assert world.printable() == "Paused"
    assert the_vm(world)["status"]["ready"] is False


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ({"domain": {"devices": {"hostDevices": [{"name": "gpu"}]}}}, "HostDeviceNotLiveMigratable"),
        (
            {
                "domain": {"devices": {"interfaces": [{"name": "a", "bridge": {}}]}},
                "networks": [{"name": "a", "pod": {}}],
            },
            "InterfaceNotLiveMigratable",
        ),
    ],
)
def test_what_cannot_be_migrated(template: Obj, reason: str) -> None:
    world = Machines(vm("v", strategy="Always", template=template), faults=Faults(without_agent=("default/v",)))
    world.settle()
    found = world.vmi()
    assert found
    assert [(item["type"], item["status"], item.get("reason")) for item in found["status"]["conditions"]] == [
        ("Ready", "True", None),
        ("LiveMigratable", "False", reason),
    ]


def test_delays() -> None:
    world = Machines(vm("v", strategy="Always"), start=5.0, stop=7.0)
    world.settle()
    assert world.printable() == "Starting"
    world.clock = 5.0
    world.settle()
    assert world.printable() == "Running"
    there = get(world.view, VM, "v", "default")
    assert there
    there["spec"]["runStrategy"] = "Halted"
    world.settle()
    assert world.printable() == "Stopping"
    world.clock = 12.0
    world.settle()
    assert world.printable() == "Stopped"


def test_a_node_that_rebooted_lost_its_vms() -> None:
    def booted(boot: str) -> Obj:
        found = node("node1", labels=CN1)
        found["status"]["nodeInfo"] = {"bootID": boot}
        return found

    world = Machines(vm("v", strategy="Always", template=affinity(IN_CN1)), booted("b1"))
    world.settle()
    first = world.vmi()
    assert first
    world.view.put(NODE, booted("b2"))
    world.settle()
    second = world.vmi()
    assert second
    assert first["metadata"]["uid"] != second["metadata"]["uid"]


def test_a_vmi_without_vm_is_left_alone() -> None:
    world = Machines(vmi("v", [], phase="Failed"))
    world.settle()
    assert world.vmi()


# --- interfaces


def guests(*objects: Obj) -> list[interfaces.Guest]:
    return interfaces.guests(cluster(*objects), "node1")


def test_interfaces_of_running_vms_on_the_node() -> None:
    running = vmi("v", ["n", "other/m"])
    running["metadata"]["uid"] = "0123abcd-4567"
    there = [nad("n", mtu=9000), nad("m", "mgmt", 0, "other"), running]
    assert guests(*there, vmi("w", ["n"], on="node2"), vmi("x", ["n"], phase="Succeeded")) == [
        interfaces.Guest(
            "vm.default.v",
            (
                interfaces.Interface("v0123abcdn0", "net0", "cn1-br", 9000, 100),
                interfaces.Interface("v0123abcdn1", "net1", "mgmt-br", 1500, 0),
            ),
        )
    ]


ONE = interfaces.Interface("v1n0", "net0", "cn1-br", 9000, 100)
GUEST = interfaces.Guest("vm.default.v", (ONE,))


def lines(*given: Any) -> list[str]:
    return [shlex.join(words) for words in interfaces.plan(*given)]


def test_a_start() -> None:
    assert lines([GUEST], ["vm1"], ["cn1-br"]) == [
        "ip netns add vm.default.v",
        "ip -n vm.default.v link set lo up",
        "ip link add v1n0 mtu 9000 type veth peer name net0 mtu 9000 netns vm.default.v",
        "ip link set dev v1n0 master cn1-br up",
        "bridge vlan del vid 1 dev v1n0",
        "bridge vlan add vid 100 dev v1n0 pvid untagged",
        "ip -n vm.default.v link set dev net0 up",
    ]


def test_an_untagged_and_a_trunk_network() -> None:
    untagged = interfaces.Interface("v1n0", "net0", "cn1-br", 1500)
    assert not [line for line in lines([interfaces.Guest("vm.a.b", (untagged,))], [], ["cn1-br"]) if "vlan" in line]
    trunk = interfaces.Interface("v1n0", "net0", "cn1-br", 1500, 0, ((5, 5), (10, 20)))
    found = [line for line in lines([interfaces.Guest("vm.a.b", (trunk,))], [], ["cn1-br"]) if "vlan" in line]
    assert found == [
        "bridge vlan del vid 1 dev v1n0",
        "bridge vlan add vid 5 dev v1n0",
        "bridge vlan add vid 10-20 dev v1n0",
    ]


def test_a_running_vm_keeps_what_it_had() -> None:
    changed = interfaces.Guest("vm.default.v", (interfaces.Interface("v1n0", "net0", "cn1-br", 1500, 200),))
    assert lines([changed], ["vm.default.v"], ["cn1-br", "v1n0"]) == []


def test_a_new_start_of_the_same_vm() -> None:
    again = interfaces.Guest("vm.default.v", (interfaces.Interface("v2n0", "net0", "cn1-br", 1500, 200),))
    found = lines([again], ["vm.default.v"], ["cn1-br", "v1n0"])
    assert found[0] == "ip netns delete vm.default.v"
    assert "ip netns add vm.default.v" in found


def test_an_end_and_a_missing_bridge() -> None:
    assert lines([], ["vm.default.v", "vm1"], []) == ["ip netns delete vm.default.v"]
    assert lines([GUEST], [], []) == []


def test_a_vm_without_multus_networks_needs_its_namespace_once() -> None:
    plain = interfaces.Guest("vm.default.v", ())
    assert lines([plain], [], []) == ["ip netns add vm.default.v", "ip -n vm.default.v link set lo up"]
    assert lines([plain], ["vm.default.v"], []) == []


# --- canal


@pytest.mark.parametrize("mtu", [1500, 9000])
def test_canal_makes_its_device_when_it_is_missing(mtu: int) -> None:
    links = played().with_link(Link("mgmt-br.2017", 30, "vlan", mtu, parent="mgmt-br", vlan=2017))
    found = [shlex.join(words) for words in canal.start(links, "mgmt-br.2017", 2)]
    assert found == [
        f"ip link add flannel.1 mtu {mtu - 50} type vxlan id 1 dev mgmt-br.2017 dstport 8472 nolearning",
        "ip address add 10.52.2.0/32 dev flannel.1",
        "ip link set dev flannel.1 up",
    ]


def test_canal_takes_its_device_as_it_is() -> None:
    links = played().with_link(Link("flannel.1", 31, "vxlan", 1450)).with_link(Link("mgmt-br.2017", 30, "vlan", 9000))
    assert canal.start(links, "mgmt-br.2017", 2) == []
    assert canal.start(played(), "mgmt-br.2017", 2) == []


def test_canal_makes_a_device_on_another_one_anew() -> None:
    links = played().with_link(Link("mgmt-br.2017", 30, "vlan", 9000, parent="mgmt-br", vlan=2017))
    links = links.with_link(Link("flannel.1", 31, "vxlan", 1450, parent="mgmt-br"))
    found = [shlex.join(words) for words in canal.start(links, "mgmt-br.2017", 2)]
    assert found[:2] == [
        "ip link delete flannel.1",
        "ip link add flannel.1 mtu 8950 type vxlan id 1 dev mgmt-br.2017 dstport 8472 nolearning",
    ]
    on_it = links.with_link(Link("flannel.1", 31, "vxlan", 1450, parent="mgmt-br.2017"))
    assert canal.start(on_it, "mgmt-br.2017", 2) == []


# --- interfaces of pods


def test_interfaces_of_pods_on_the_node() -> None:
    ipam = {"ipam": {"type": "whereabouts", "range": "10.1.0.0/24"}}
    given = [{"name": "k8s-pod-network", "ips": ["10.52.0.4"], "default": True}]
    given.append({"name": "default/s", "interface": "lhnet1", "ips": ["10.1.0.4"]})
    pod = obj(
        kinds.POD,
        "im",
        "longhorn-system",
        annotations={"k8s.v1.cni.cncf.io/network-status": json.dumps(given)},
        spec={"nodeName": "node1"},
        status={"phase": "Running"},
    )
    pod["metadata"]["uid"] = "0123abcd-4567"
    view = cluster(nad("s", vlan=50, mtu=9000, conf=ipam), pod)
    lhnet1 = interfaces.Interface("v0123abcdn1", "lhnet1", "cn1-br", 9000, 50, address="10.1.0.4/24")
    guest = interfaces.Guest("vm.longhorn-system.im", (lhnet1,))
    assert interfaces.pods(view, "node1") == [guest]
    assert interfaces.pods(view, "node2") == []
    assert lines([guest], [], ["cn1-br"])[-2:] == [
        "ip -n vm.longhorn-system.im address add 10.1.0.4/24 dev lhnet1",
        "ip -n vm.longhorn-system.im link set dev lhnet1 up",
    ]
