# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vm_power against a real API with KubeVirt played behind it: there and back, deaf guests, a node that is emptied."""

from __future__ import annotations

import importlib
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client as ModuleClient
from lab.apiserver import Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = pytest.mark.api

MODULE = "ansible_collections.harvester.network.plugins.modules.vm_power"
GONE = (
    "it was stopped and cannot be started; if its owner has deleted it for good, name it in change_gone_vms"
    " (option gone of vm_power)"
)
NO_AGENT = (
    "its guest agent was connected, and is not; look at its console, run again with a longer wait"
    " (change_vm_wait_timeout, option wait_timeout of vm_power), or, where it may stay so, name it in"
    " change_accepted_vms (option accepted of vm_power)"
)
KUBEVIRT = "kubevirt.io/v1"
HARVESTER = "harvesterhci.io/v1beta1"
KINDS = {
    "VirtualMachine": KUBEVIRT,
    "VirtualMachineInstance": KUBEVIRT,
    "VirtualMachineBackup": HARVESTER,
    "ScheduleVMBackup": HARVESTER,
    "CronJob": "batch/v1",
}
Result = dict[str, Any]
Call = Callable[..., Result]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many requests the module sent, by verb."""
    found: Counter[str] = Counter()
    request = ModuleClient._request

    def counted(self: ModuleClient, method: str, verb: str, *args: Any, **kwargs: Any) -> Any:
        found[verb] += 1
        return request(self, method, verb, *args, **kwargs)

    monkeypatch.setattr(ModuleClient, "_request", counted)
    return found


@pytest.fixture
def call(
    cluster: Cluster, requests: Counter[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Calls the module as administrator, with the client of kubernetes.core; gives its result."""
    # Where Ansible's controller is loaded, a module's warnings go to the screen.
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)

    def run(check: bool = False, **options: Any) -> Result:
        requests.clear()
        capsys.readouterr()
        arguments = {"kubeconfig": str(cluster.kubeconfig), "wait_timeout": 60, "wait_sleep": 1, **options}
        with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            importlib.import_module(MODULE).main()
        result: Result = json.loads(capsys.readouterr().out)
        return result

    return run


def writes(requests: Counter[str]) -> int:
    return sum(requests[verb] for verb in ("create", "patch", "delete"))


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def find(client: Client, kind: str, name: str, namespace: str = "default") -> Object | None:
    return client.find(KINDS[kind], kind, name, namespace)


def running(client: Client, name: str) -> bool:
    found = find(client, "VirtualMachineInstance", name)
    return found is not None and bool(found["status"].get("phase") == "Running")


def spec(client: Client, kind: str, name: str, namespace: str = "default") -> Object:
    found: Object = client.get(KINDS[kind], kind, name, namespace)["spec"]
    return found


def patch(client: Client, kind: str, name: str, values: Object) -> None:
    client.patch(KINDS[kind], kind, name, values, "default")


def machine(client: Client, name: str, strategy: str, grace: int = 120) -> None:
    """A VM on vmnet that runs with this run strategy, or with the field running."""
    item = make.vm(name, ["default/vlan100"], strategy="Always")
    item["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = grace
    item.pop("status")
    if strategy == "running":
        item["spec"].pop("runStrategy")
        item["spec"]["running"] = True
    client.create(item)
    until(lambda: running(client, name))
    if strategy not in ("Always", "running"):
        patch(client, "VirtualMachine", name, {"spec": {"runStrategy": strategy}})


def record(result: Result) -> Result:
    return {key: result[key] for key in ("vms", "schedules", "cordoned")}


STRATEGIES = ("Always", "RerunOnFailure", "Once", "Manual", "running")


def test_every_run_strategy_there_and_back(client: Client, call: Call, requests: Counter[str]) -> None:
    for strategy in STRATEGIES:
        machine(client, "vm-" + strategy.lower(), strategy)
    machine(client, "ended", "RerunOnFailure")
    until(lambda: running(client, "web"))
    patch(client, "VirtualMachineInstance", "ended", {"status": {"phase": "Succeeded"}})
    names = ["ended", *("vm-" + strategy.lower() for strategy in STRATEGIES)]
    before = {name: spec(client, "VirtualMachine", name) for name in names}
    chosen = {"cluster_networks": ["vmnet"], "namespaces": ["default"]}
    told = call(check=True, state="stopped", **chosen)
    assert "failed" not in told, told["msg"]
    assert (told["changed"], writes(requests)) == (True, 0)
    stopped = call(state="stopped", **chosen)
    assert "failed" not in stopped, stopped["msg"]
    assert [vm["name"] for vm in stopped["vms"]] == sorted([*names, "web"])
    assert [{**vm, "outcome": ""} for vm in stopped["vms"]] == told["vms"]
    # by the lab's clock a guest may be gone between two looks; it was not killed
    assert {vm["outcome"] for vm in stopped["vms"] if vm["name"] != "ended"} == {"shut_down"}
    assert not [name for name in names if find(client, "VirtualMachineInstance", name)]
    # the one on the pod network alone is not attached
    assert running(client, "shell")
    again = call(state="stopped", vms=stopped["vms"], **chosen)
    assert (again["changed"], writes(requests), again["vms"]) == (False, 0, stopped["vms"])
    started = call(state="started", **record(stopped))
    assert "failed" not in started, started["msg"]
    for name in names:
        after = spec(client, "VirtualMachine", name)
        power = {key: value for key, value in after.items() if key in ("running", "runStrategy")}
        assert power == {key: value for key, value in before[name].items() if key in ("running", "runStrategy")}, name
        assert running(client, name) is (name != "ended"), name
    assert find(client, "VirtualMachineInstance", "ended") is None
    last = call(state="started", **record(stopped))
    assert (last["changed"], writes(requests)) == (False, 0)


def test_a_guest_that_does_not_hear_is_told_as_killed(cluster: Cluster, client: Client, call: Call) -> None:
    machine(client, "deaf", "Always", grace=5)
    cluster.harvester.control.fault(stubborn_guests=["default/deaf"])
    cluster.harvester.control.delay(grace_second=1.0)
    stopped = call(state="stopped", names=["default/deaf"], wait_sleep=0)
    assert "failed" not in stopped, stopped["msg"]
    assert [vm["outcome"] for vm in stopped["vms"]] in (["killed"], ["unknown"])
    assert stopped["cautions"] == [
        {
            "namespace": "default",
            "name": "deaf",
            "reasons": ["it is killed 5 s after the request to shut down"],
        }
    ]


def test_a_guest_that_is_never_off_ends_the_wait(cluster: Cluster, client: Client, call: Call) -> None:
    machine(client, "deaf", "Always", grace=1)
    cluster.harvester.control.fault(stubborn_guests=["default/deaf"])
    cluster.harvester.control.delay(grace_second=1000.0)
    result = call(state="stopped", names=["default/deaf"], wait_timeout=2)
    node = (find(client, "VirtualMachineInstance", "deaf") or {})["status"]["nodeName"]
    line = f"VM 'default/deaf': its instance is Running on node '{node}' (grace 1 s)"
    assert result["msg"] == f"waited 3 s in vain; what is missing:\n{line}"
    assert result["missing"] == [line]
    assert [vm["run_strategy"] for vm in result["vms"]] == ["Always"]


def test_a_backup_in_progress_is_refused_or_waited_for(client: Client, call: Call) -> None:
    until(lambda: running(client, "web"))
    source = {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web"}
    item = make.named(HARVESTER, "VirtualMachineBackup", "b", "default", spec={"source": source, "type": "backup"})
    client.create(item)
    result = call(state="stopped", names=["default/web"], busy_vms="refuse")
    assert result["msg"] == (
        "VM 'default/web': backup 'b' of it is in progress; wait until it has ended, or set busy_vms=wait"
    )
    result = call(state="stopped", names=["default/web"], wait_timeout=2)
    assert result["missing"][0].endswith("backup 'b' of it is in progress")
    patch(client, "VirtualMachineBackup", "b", {"status": {"readyToUse": True}})
    result = call(state="stopped", names=["default/web"])
    assert "failed" not in result, result["msg"]


def test_jobs_are_suspended_for_the_window(client: Client, call: Call) -> None:
    source = {"source": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web"}, "type": "backup"}
    schedule = {"cron": "* * * * *", "retain": 8, "maxFailure": 4, "suspend": False, "vmbackup": source}
    client.create(make.named(HARVESTER, "ScheduleVMBackup", "often", "default", spec=schedule))
    pod = {"containers": [{"name": "c", "image": "none"}], "restartPolicy": "OnFailure"}
    job = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    owner = {"apiVersion": "longhorn.io/v1beta2", "kind": "RecurringJob", "name": "snapshots"}
    item = make.named("batch/v1", "CronJob", "snapshots", "longhorn-system", spec=job)
    item["metadata"]["ownerReferences"] = [owner]
    # the real garbage collector takes what has an owner that is not there
    task = {"name": "snapshots", "task": "snapshot", "cron": "*/5 * * * *", "retain": 2, "concurrency": 1}
    client.put([make.named(owner["apiVersion"], "RecurringJob", "snapshots", "longhorn-system", spec=task), item])
    stopped = call(state="stopped", names=["default/web"])
    assert "failed" not in stopped, stopped["msg"]
    assert [one["name"] for one in stopped["schedules"]] == ["often", "snapshots"]
    assert spec(client, "ScheduleVMBackup", "often")["suspend"] is True
    assert spec(client, "CronJob", "snapshots", "longhorn-system")["suspend"] is True
    started = call(state="started", **record(stopped))
    assert "failed" not in started, started["msg"]
    assert spec(client, "ScheduleVMBackup", "often")["suspend"] is False
    assert spec(client, "CronJob", "snapshots", "longhorn-system")["suspend"] is False


@pytest.mark.long
def test_infrastructure_stops_last_and_starts_first(cluster: Cluster, client: Client, call: Call) -> None:
    """A VM that does not go keeps the infrastructure running; one that does not come keeps others stopped."""
    machine(client, "app", "Always", grace=1)
    machine(client, "dns", "Always")
    chosen = {"names": ["default/app", "default/dns"], "infrastructure_vms": ["default/dns"]}
    cluster.harvester.control.fault(stubborn_guests=["default/app"])
    cluster.harvester.control.delay(grace_second=1000.0)
    stuck = call(state="stopped", wait_timeout=2, **chosen)
    assert stuck["missing"][-1] == "not stopped before these: default/dns"
    assert spec(client, "VirtualMachine", "dns")["runStrategy"] == "Always"
    cluster.harvester.control.delay(grace_second=0.01)
    stopped = call(state="stopped", vms=stuck["vms"], **chosen)
    assert "failed" not in stopped, stopped["msg"]
    cluster.harvester.control.fault(without_agent=["default/dns"])
    first = call(state="started", wait_timeout=3, infrastructure_vms=["default/dns"], **record(stopped))
    assert first["missing"] == [
        f"VM 'default/dns': {NO_AGENT}",
        "not started before the canaries are up: default/app",
    ]
    assert spec(client, "VirtualMachine", "app")["runStrategy"] == "Halted"
    conditions = (find(client, "VirtualMachineInstance", "dns") or {})["status"]["conditions"]
    agent = {"type": "AgentConnected", "status": "True"}
    patch(client, "VirtualMachineInstance", "dns", {"status": {"conditions": [*conditions, agent]}})
    started = call(state="started", infrastructure_vms=["default/dns"], **record(stopped))
    assert "failed" not in started, started["msg"]
    assert running(client, "app")


@pytest.mark.long
def test_a_canary_that_fails_leaves_the_rest_stopped(cluster: Cluster, client: Client, call: Call) -> None:
    for name in ("first", "second", "third"):
        machine(client, name, "RerunOnFailure")
    stopped = call(state="stopped", names=["default/first", "default/second", "default/third"])
    assert "failed" not in stopped, stopped["msg"]
    places = {vm["node"]: vm["name"] for vm in reversed(stopped["vms"])}
    canaries = sorted(places.values())
    others = sorted({"first", "second", "third"} - set(canaries))
    assert others, "one node has two of three VMs on two nodes"
    cluster.harvester.control.fault(without_agent=[f"default/{name}" for name in canaries])
    failed = call(state="started", wait_timeout=3, **record(stopped))
    assert failed["missing"] == [
        *(f"VM 'default/{name}': {NO_AGENT}" for name in canaries),
        "not started before the canaries are up: " + " and ".join(f"default/{name}" for name in others),
    ]
    assert {spec(client, "VirtualMachine", name)["runStrategy"] for name in others} == {"Halted"}


def test_a_vm_that_is_gone_is_a_failure(client: Client, call: Call) -> None:
    machine(client, "short", "Always")
    stopped = call(state="stopped", names=["default/short", "default/web"])
    assert "failed" not in stopped, stopped["msg"]
    client.delete(KUBEVIRT, "VirtualMachine", "short", "default")
    result = call(state="started", **record(stopped))
    assert result["msg"] == f"VM 'default/short' is gone; {GONE}"
    assert running(client, "web")


def test_a_node_is_emptied(client: Client, call: Call, requests: Counter[str]) -> None:
    until(lambda: running(client, "web") and running(client, "shell"))
    told = call(check=True, state="migrated", node="node1")
    assert "failed" not in told, told["msg"]
    assert (told["changed"], writes(requests)) == (True, 0)
    moved = call(state="migrated", node="node1")
    assert "failed" not in moved, moved["msg"]
    assert [(vm["name"], vm["node"]) for vm in moved["vms"]] == [("shell", "node1"), ("web", "node1")]
    where = [(find(client, "VirtualMachineInstance", name) or {})["status"]["nodeName"] for name in ("shell", "web")]
    assert "node1" not in where
    assert client.get("v1", "Node", "node1")["spec"]["unschedulable"] is True
    back = call(state="started", **record(moved))
    assert "failed" not in back, back["msg"]
    assert "unschedulable" not in client.get("v1", "Node", "node1")["spec"]


def test_a_migration_that_fails_is_told(cluster: Cluster, client: Client, call: Call) -> None:
    cluster.harvester.control.fault(failing_migrations=["default/web"])
    until(lambda: running(client, "web"))
    result = call(state="migrated", names=["default/web"], node="node1", cordon=False)
    assert result["msg"] == (
        "VM 'default/web' did not move: 2 migrations have failed, the last with: the lab lets it fail"
    )
