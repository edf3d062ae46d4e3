# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster behaves like one: readiness, RBAC, Harvester's kinds, namespaces, garbage collection, states, ends."""

from __future__ import annotations

import copy
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab, LabError, Progress, config
from lab.apiserver import ApiError, Client, Cluster, Object
from lab.apiserver import objects as make
from lab.apiserver.build import VERSION
from lab.apiserver.cluster import INSTALLED
from lab.harvester.versions import DEFAULT
from lab.host import is_ours, read_pid

pytestmark = pytest.mark.lab

TESTS = Path(__file__).parents[2]
RBAC = "rbac.authorization.k8s.io/v1"


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    found = Lab(f"{config.lab_name()[:14]}-cl", Progress())
    try:
        yield found.up(nodes=0, cluster=True)
    finally:
        found.down()


@pytest.fixture
def cluster(lab: Lab) -> Cluster:
    lab.restore()
    return lab.cluster


@pytest.fixture
def client(cluster: Cluster) -> Client:
    return cluster.client()


# --- the API itself


def test_it_is_ready_and_of_harvester_s_line(client: Client) -> None:
    assert client.ready() == ""
    assert client.request("GET", "/version")["gitVersion"].startswith(VERSION.rpartition(".")[0])


def test_nobody_gets_in_without_a_certificate(cluster: Cluster) -> None:
    trusting = ssl.create_default_context(cafile=str(cluster.authority.certificate))
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{cluster.server}/api/v1/nodes", context=trusting, timeout=20)
    error.value.close()
    assert error.value.code == 401


def test_rbac_refuses_until_it_is_told_otherwise(cluster: Cluster) -> None:
    viewer = cluster.client("viewer", ["team"])
    with pytest.raises(ApiError) as error:
        viewer.list(make.NETWORK, "VlanConfig")
    assert (error.value.status, error.value.reason) == (403, "Forbidden")
    assert error.value.message == (
        'vlanconfigs.network.harvesterhci.io is forbidden: User "viewer" cannot list resource "vlanconfigs" in API '
        'group "network.harvesterhci.io" at the cluster scope'
    )
    rule = {"apiGroups": ["network.harvesterhci.io"], "resources": ["vlanconfigs"], "verbs": ["list"]}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "team"}
    cluster.client().put(
        [
            make.named(RBAC, "ClusterRole", "reader", rules=[rule]),
            make.named(RBAC, "ClusterRoleBinding", "reader", roleRef=reference, subjects=[subject]),
        ]
    )

    def may_list() -> bool:
        try:
            return len(viewer.list(make.NETWORK, "VlanConfig")) == 4
        except ApiError:
            return False

    until(may_list)
    with pytest.raises(ApiError) as error:
        viewer.delete(make.NETWORK, "VlanConfig", "vmnet-rack-a")
    assert error.value.status == 403


def test_it_acts_as_another_user(client: Client, cluster: Cluster) -> None:
    certificate, key = cluster.authority.client("admin", ["system:masters"])
    other = Client("127.0.0.1", cluster.port, cluster.authority.certificate, certificate, key, impersonate="nobody")
    with pytest.raises(ApiError, match='User "nobody" cannot list resource "nodes"'):
        other.list("v1", "Node")


# --- Harvester's kinds: what upstream's definitions take and refuse


def vlan_config(**uplink: Any) -> Object:
    return make.named(make.NETWORK, "VlanConfig", "new", spec={"clusterNetwork": "vmnet", "uplink": uplink})


def host_network(**spec: Any) -> Object:
    wanted = {"clusterNetwork": "mgmt", "vlanID": 2030, "mode": "dhcp", **spec}
    return make.named(make.NETWORK, "HostNetworkConfig", "new", spec=wanted)


REFUSED = [
    (vlan_config(bondOptions={"mode": "active"}), 'spec.uplink.bondOptions.mode: Unsupported value: "active"'),
    (
        vlan_config(bondOptions={"miimon": -2}),
        "spec.uplink.bondOptions.miimon in body should be greater than or equal to -1",
    ),
    (
        vlan_config(linkAttributes={"mtu": -1}),
        "spec.uplink.linkAttributes.mtu in body should be greater than or equal to 0",
    ),
    (vlan_config(linkAttributes={"mtu": "9000"}), "spec.uplink.linkAttributes.mtu in body must be of type integer"),
    (make.named(make.NETWORK, "VlanConfig", "new", spec={"uplink": {}}), "spec.clusterNetwork: Required value"),
    (make.named(make.NETWORK, "VlanConfig", "new", spec={"clusterNetwork": "vmnet"}), "spec.uplink: Required value"),
    (make.named(make.NETWORK, "VlanConfig", "new"), "spec: Required value"),
    (make.named(make.NETWORK, "VlanStatus", "new", status={"node": "node1"}), "status.vlanConfig: Required value"),
    (make.named(make.NETWORK, "LinkMonitor", "new"), "spec: Required value"),
    (
        make.named(
            make.NETWORK, "LinkMonitor", "new", spec={}, status={"linkStatus": {"a": [{"name": "b", "state": "gone"}]}}
        ),
        'state: Unsupported value: "gone": supported values: "up", "down", "unknown"',
    ),
    (host_network(vlanID=0), "spec.vlanID in body should be greater than or equal to 1"),
    (host_network(vlanID=4095), "spec.vlanID in body should be less than or equal to 4094"),
    (host_network(mode="auto"), 'spec.mode: Unsupported value: "auto"'),
    (host_network(mode="static"), "spec.ips must be specified and non-empty when mode is static"),
    (host_network(mode="static", ips={}), "spec.ips must be specified and non-empty when mode is static"),
    (host_network(mode="static", ips={"node1": "10.0.0.1"}), "Invalid CIDR format"),
    (host_network(clusterNetwork=""), "spec.clusterNetwork in body should be at least 1 chars long"),
    (make.named(make.LONGHORN, "Setting", "new", make.LONGHORN_NAMESPACE), "value: Required value"),
    (make.named(make.KUBEVIRT, "VirtualMachine", "new", "default", spec={}), "spec.template: Required value"),
    (make.named(make.KUBEVIRT, "VirtualMachineInstance", "new", "default", spec={}), "spec.domain: Required value"),
    (
        make.named("whereabouts.cni.cncf.io/v1alpha1", "IPPool", "new", "kube-system", spec={"range": "10.0.0.0/24"}),
        "spec.allocations: Required value",
    ),
]


@pytest.mark.parametrize(("item", "says"), REFUSED, ids=[says for _item, says in REFUSED])
def test_what_the_definitions_refuse(client: Client, item: Object, says: str) -> None:
    with pytest.raises(ApiError) as error:
        client.create(item)
    assert error.value.status == 422
    assert says in error.value.message


def test_what_the_definitions_take_and_harvester_objects_to_only_in_webhooks(client: Client) -> None:
    made = client.create(vlan_config(nics=[], bondOptions={}, linkAttributes={"mtu": 65535}))
    assert made["spec"]["uplink"] == {
        "nics": [],
        "bondOptions": {"mode": "active-backup", "miimon": -1},
        "linkAttributes": {"mtu": 65535, "txQLen": -1},
    }
    client.create(make.named(make.NETWORK, "ClusterNetwork", "a-name-that-is-longer-than-twelve"))
    client.create(host_network(nodeSelector={"matchExpressions": [{"key": "a", "operator": "Exists"}]}, underlay=True))
    bare = make.named(
        "k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "bare", "default", spec={"config": "no JSON"}
    )
    client.create(bare)


def test_unknown_fields_are_dropped_or_kept_as_upstream_does(client: Client) -> None:
    made = client.create(vlan_config(nics=["eno3"], lacpRate="fast"))
    assert made["spec"]["uplink"] == {"nics": ["eno3"]}
    vm = make.vm("new")
    vm["spec"]["dataVolumeTemplates"] = [{"metadata": {"name": "disk"}}]
    vm["spec"]["template"]["spec"]["domain"]["devices"]["disks"] = [{"name": "disk"}]
    made = client.create(vm)
    assert made["spec"]["dataVolumeTemplates"] == [{"metadata": {"name": "disk"}}]
    assert made["spec"]["template"]["spec"]["domain"]["devices"]["disks"] == [{"name": "disk"}]


def test_without_status_subresource_a_replace_without_status_erases_it(client: Client) -> None:
    there = client.get(make.NETWORK, "ClusterNetwork", "vmnet")
    assert there["status"]["conditions"][0]["status"] == "True"
    patched = client.patch(make.NETWORK, "ClusterNetwork", "vmnet", {"metadata": {"labels": {"a": "b"}}})
    assert patched["status"] == there["status"]
    del patched["status"]
    replaced = client.request("PUT", "/apis/network.harvesterhci.io/v1beta1/clusternetworks/vmnet", patched)
    assert "status" not in replaced


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (host_network(), {"conditions": [{"type": "ready", "status": "True"}]}),
        (make.vm("new"), {"printableStatus": "Running"}),
        (make.volume("new", None), {"state": "attached"}),
    ],
    ids=lambda found: found.get("kind", ""),
)
def test_with_status_subresource_the_plain_endpoint_leaves_status_alone(
    client: Client, item: Object, status: Object
) -> None:
    made = client.create({**item, "status": status})
    assert "status" not in made
    where = (item["apiVersion"], item["kind"], "new")
    namespace = item["metadata"].get("namespace")
    assert "status" not in client.patch(*where, {"status": status}, namespace)
    assert client.patch(*where, {"status": status}, namespace, status=True)["status"] == status


def test_a_vmi_has_no_status_subresource(client: Client) -> None:
    made = client.create(make.vmi("new", "node1") | {"metadata": {"name": "new", "namespace": "default"}})
    assert made["status"]["nodeName"] == "node1"
    with pytest.raises(ApiError) as error:
        client.patch(make.KUBEVIRT, "VirtualMachineInstance", "new", {"status": {}}, "default", status=True)
    assert error.value.status == 404


def test_short_names_are_known_to_kubectl(cluster: Cluster) -> None:
    shown = kubectl(cluster, "get", "cn,vc,vs,lm,hnc,net-attach-def,vm,vmi,lhv,lhe,lhs,lhn", "-A", "-o", "name")
    kinds = {line.partition("/")[0] for line in shown.split()}
    assert kinds == {
        "clusternetwork.network.harvesterhci.io",
        "vlanconfig.network.harvesterhci.io",
        "vlanstatus.network.harvesterhci.io",
        "linkmonitor.network.harvesterhci.io",
        "networkattachmentdefinition.k8s.cni.cncf.io",
        "virtualmachine.kubevirt.io",
        "virtualmachineinstance.kubevirt.io",
        "volume.longhorn.io",
        "engine.longhorn.io",
        "setting.longhorn.io",
        "node.longhorn.io",
    }


# --- controllers


def test_a_deleted_namespace_goes_with_what_is_in_it(client: Client) -> None:
    client.put(
        [
            make.named("v1", "Namespace", "gone"),
            make.attachment("inside", "vmnet", 100, "gone"),
            make.named("v1", "ConfigMap", "inside", "gone", data={"a": "b"}),
        ]
    )
    client.delete("v1", "Namespace", "gone")
    until(lambda: client.find("v1", "Namespace", "gone") is None)
    assert client.find("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "inside", "gone") is None


def statuses(client: Client, config_name: str) -> list[Object]:
    return client.list(make.NETWORK, "VlanStatus", labelSelector=f"network.harvesterhci.io/vlanconfig={config_name}")


def remove_config(client: Client, name: str) -> None:
    """Delete a VlanConfig and take its finalizer away, as an agent does."""
    client.delete(make.NETWORK, "VlanConfig", name)
    client.patch(make.NETWORK, "VlanConfig", name, {"metadata": {"finalizers": None}})


def test_dependents_go_with_their_owner(client: Client) -> None:
    assert len(statuses(client, "vmnet-rack-a")) == 2
    client.delete(make.NETWORK, "VlanConfig", "vmnet-rack-a")
    waiting = client.get(make.NETWORK, "VlanConfig", "vmnet-rack-a")
    assert waiting["metadata"]["deletionTimestamp"]
    client.patch(make.NETWORK, "VlanConfig", "vmnet-rack-a", {"metadata": {"finalizers": None}})
    until(lambda: not statuses(client, "vmnet-rack-a"))
    assert client.find(make.NETWORK, "VlanConfig", "vmnet-rack-a") is None
    assert statuses(client, "vmnet-rack-b")


# --- states


def everything(client: Client) -> list[Object]:
    """All objects of the kinds that tests change, without what differs with every write."""
    kinds = [
        ("v1", "Node"),
        ("v1", "Namespace"),
        ("v1", "Pod"),
        ("v1", "ConfigMap"),
        (RBAC, "ClusterRole"),
        ("coordination.k8s.io/v1", "Lease"),
        ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"),
        (make.KUBEVIRT, "VirtualMachine"),
        (make.KUBEVIRT, "VirtualMachineInstance"),
        *((make.NETWORK, kind) for kind in ("ClusterNetwork", "VlanConfig", "VlanStatus", "LinkMonitor")),
        (make.HARVESTER, "Setting"),
        *((make.LONGHORN, kind) for kind in ("Setting", "Volume", "Engine", "Node")),
    ]
    found = []
    for api_version, kind in kinds:
        for item in client.list(api_version, kind):
            metadata = item["metadata"]
            if not metadata["name"].startswith("apiserver-"):
                for name in ("resourceVersion", "uid", "managedFields"):
                    metadata.pop(name)
                for owner in metadata.get("ownerReferences", []):
                    owner.pop("uid")
                found.append({**item, "kind": kind})
    return found


def test_a_reset_takes_back_what_was_changed_made_and_deleted(cluster: Cluster, client: Client) -> None:
    before = everything(client)
    assert len(before) > 100
    client.patch("v1", "Node", "node1", {"metadata": {"labels": {"new": "label"}}})
    client.patch("v1", "Node", "node2", {"status": {"conditions": None}}, status=True)
    client.patch(make.HARVESTER, "Setting", "storage-network", {"value": ""})
    client.delete(make.KUBEVIRT, "VirtualMachine", "web", "default")
    client.delete("v1", "Namespace", "production")
    remove_config(client, "storage-rack-b")
    client.put([make.named("v1", "Namespace", "new"), make.attachment("new", "vmnet", 5, "new")])
    client.put([make.named("v1", "ConfigMap", "record", make.SYSTEM_NAMESPACE, data={"a": "b"})])
    # held by a finalizer that nobody takes away
    held = make.named("v1", "ConfigMap", "held", "default")
    held["metadata"]["finalizers"] = ["example.com/never"]
    client.put([held])
    client.delete("v1", "ConfigMap", "held", "default")
    assert everything(client) != before
    cluster.reset()
    assert everything(client) == before
    cluster.reset()
    assert everything(client) == before


def test_a_reset_does_not_leave_dependents_to_the_garbage_collector(cluster: Cluster, client: Client) -> None:
    for _time in range(3):
        for name in ("vmnet-rack-a", "vmnet-rack-b", "storage-rack-a", "storage-rack-b"):
            remove_config(client, name)
        cluster.reset()
    # the collector works in order: once it has taken this one, it is done with all before
    client.put([make.vlan_config("last", "vmnet", ["eno4"], {}, []), make.vlan_status("vmnet", "last", "nowhere")])
    remove_config(client, "last")
    until(lambda: not statuses(client, "last"))
    owners = {item["metadata"]["name"]: item["metadata"]["uid"] for item in client.list(make.NETWORK, "VlanConfig")}
    found = client.list(make.NETWORK, "VlanStatus")
    assert len(found) == 6
    for item in found:
        (owner,) = item["metadata"]["ownerReferences"]
        assert owner["uid"] == owners[owner["name"]]
    # and it still takes them when they are to go
    remove_config(client, "vmnet-rack-a")
    until(lambda: not statuses(client, "vmnet-rack-a"))


def test_watchers_see_a_reset_as_ordinary_changes(cluster: Cluster, client: Client) -> None:
    version = client.request("GET", "/api/v1/nodes")["metadata"]["resourceVersion"]
    client.patch("v1", "Node", "node1", {"metadata": {"labels": {"new": "label"}}})
    cluster.reset()
    query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "2"}
    events = [json.loads(line) for line in str(client.request("GET", "/api/v1/nodes", query=query)).splitlines()]
    assert [event["type"] for event in events] == ["MODIFIED", "MODIFIED"]
    assert ["new" in event["object"]["metadata"]["labels"] for event in events] == [True, False]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert int(version) < versions[0] < versions[1]


def test_there_is_a_state_without_an_operator_s_work(cluster: Cluster, client: Client) -> None:
    cluster.reset(INSTALLED)
    assert [item["metadata"]["name"] for item in client.list(make.NETWORK, "ClusterNetwork")] == ["mgmt"]
    assert client.list(make.NETWORK, "VlanConfig") == []
    assert len(client.list("v1", "Node")) == 3


def test_a_state_has_a_name_of_its_own(lab: Lab, cluster: Cluster, client: Client) -> None:
    client.patch("v1", "Node", "node1", {"metadata": {"labels": {"kept": "yes"}}})
    lab.snapshot("marked")
    lab.restore()
    assert "kept" not in client.get("v1", "Node", "node1")["metadata"]["labels"]
    lab.restore("marked")
    assert client.get("v1", "Node", "node1")["metadata"]["labels"]["kept"] == "yes"
    with pytest.raises(LabError) as error:
        lab.restore("none")
    assert str(error.value) == "No state 'none' of the API is kept. There are: base, installed, marked."


def test_a_put_replaces_what_is_there_with_its_status(client: Client) -> None:
    vm = make.vm("web", strategy="Halted")
    before = client.get(make.KUBEVIRT, "VirtualMachine", "web", "default")
    (after,) = client.put([copy.deepcopy(vm)])
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"]["runStrategy"] == "Halted"
    assert after["status"] == vm["status"]


def test_played_nodes_join(lab: Lab, cluster: Cluster, client: Client) -> None:
    assert cluster.add_played(5) == ["node4", "node5"]
    assert cluster.add_played(5) == []
    monitor = client.get(make.NETWORK, "LinkMonitor", "nic")
    assert sorted(monitor["status"]["linkStatus"]) == ["node1", "node2", "node3", "node4", "node5"]
    shown = run_lab(lab, "nodes", "--played", "6").stdout.splitlines()
    assert shown[-1] == "node6: 10.217.0.16, ready"
    assert len(shown) == 6
    with pytest.raises(LabError) as error:
        cluster.add_played(201)
    assert str(error.value) == "201 nodes: the lab plays 1 to 200."


# --- from any shell, and the end


def run_lab(lab: Lab, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HARVESTER_LAB": lab.name}
    argv = [sys.executable, "-m", "lab", *words]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=300)


def kubectl(cluster: Cluster, *words: str, kubeconfig: Path | None = None) -> str:
    """kubectl in a shell that knows nothing of the lab but the kubeconfig."""
    argv = ["env", "-i", f"HOME={cluster.directory}", f"KUBECONFIG={kubeconfig or cluster.kubeconfig}"]
    done = subprocess.run([*argv, str(cluster.kubectl), *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_kubeconfig_works_from_any_shell(lab: Lab, cluster: Cluster) -> None:
    path = Path(run_lab(lab, "kubeconfig").stdout.strip())
    assert path == cluster.kubeconfig
    assert path.stat().st_mode & 0o777 == 0o600
    assert kubectl(cluster, "get", "nodes", "-o", "name").split() == ["node/node1", "node/node2", "node/node3"]
    assert run_lab(lab, "kubeconfig", "--content").stdout.strip() == path.read_text().strip()


def test_any_user_can_have_a_kubeconfig(lab: Lab, cluster: Cluster) -> None:
    path = Path(run_lab(lab, "kubeconfig", "--user", "viewer", "--group", "team").stdout.strip())
    shown = json.loads(kubectl(cluster, "auth", "whoami", "-o", "json", kubeconfig=path))
    assert shown["status"]["userInfo"]["username"] == "viewer"
    assert shown["status"]["userInfo"]["groups"] == ["team", "system:authenticated"]


def test_status_tells_of_the_cluster(lab: Lab, cluster: Cluster) -> None:
    shown = run_lab(lab, "status").stdout
    assert f"cluster: {cluster.server}, ready; states base, installed" in shown
    for name in ("etcd", "kube-apiserver", "kube-controller-manager", "forward"):
        assert f"{name} {cluster.services.pid(name)}" in shown


def test_the_way_in_comes_back_with_up(lab: Lab, cluster: Cluster) -> None:
    pid, port = read_pid(cluster.directory / "forward.pid"), cluster.port
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_ours(pid, "lab.apiserver.forward"))
    with pytest.raises(LabError, match="Connection refused"):
        cluster.client("other").list("v1", "Node")
    lab.up(nodes=0, cluster=True)
    assert cluster.port == port
    assert cluster.client().ready() == ""


def test_what_dies_is_started_again_with_its_data(cluster: Cluster, client: Client) -> None:
    client.patch("v1", "Node", "node1", {"metadata": {"labels": {"kept": "yes"}}})
    names = ("kube-apiserver", "etcd")
    before = {name: cluster.services.pid(name) for name in names}
    for pid in before.values():
        assert pid
        os.kill(pid, signal.SIGKILL)
    until(lambda: all(cluster.services.pid(name) not in (None, before[name]) for name in names))
    cluster.wait_ready()
    assert client.get("v1", "Node", "node1")["metadata"]["labels"]["kept"] == "yes"


def processes(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line and "pytest" not in line:
            found.append(line)
    return found


@pytest.mark.parametrize("how", ["down", "killed"])
def test_down_leaves_nothing(how: str) -> None:
    lab = Lab(f"{config.lab_name()[:14]}-end")
    try:
        lab.up(nodes=0, cluster=True)
        cluster = lab.cluster
        port = cluster.port
        assert len(processes(str(lab.directory))) >= 5
        if how == "killed":
            supervisor = read_pid(lab.directory / "supervisor.pid")
            assert supervisor
            os.kill(supervisor, signal.SIGKILL)
            # all ends by itself, the way in from outside too
            until(lambda: processes(str(lab.directory)) == [])
            assert not lab.is_running()
    finally:
        lab.down()
    assert processes(lab.name) == []
    assert not lab.directory.exists()
    assert not [path.name for path in Path("/run/netns").glob(f"hnlab-{lab.name}*")]
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/", timeout=5)
    lab.down()  # and again


def test_the_api_ends_alone_and_comes_again_as_after_an_installation() -> None:
    lab = Lab(f"{config.lab_name()[:14]}-again")
    try:
        lab.up(nodes=0, cluster=True)
        with pytest.raises(LabError) as error:
            lab.up(nodes=0, cluster=True, harvester="1.7", seed=INSTALLED)
        assert str(error.value) == (
            f"Lab {lab.name!r} plays Harvester {DEFAULT}, not 1.7; has an API seeded as 'operated', not 'installed'. "
            "'python -m lab down --cluster' ends its API, 'python -m lab down' ends all; another lab beside it: "
            "HARVESTER_LAB=NAME."
        )
        lab.end_cluster()
        assert lab.is_running()
        with pytest.raises(LabError, match="has no cluster"):
            _ = lab.cluster
        assert [line for line in processes(str(lab.directory)) if "lab.supervisor" not in line] == []
        lab.end_cluster()  # and again
        lab.up(nodes=0, cluster=True, seed=INSTALLED)
        client = lab.cluster.client()
        assert [item["metadata"]["name"] for item in client.list(make.NETWORK, "ClusterNetwork")] == ["mgmt"]
        client.create(make.named(make.NETWORK, "ClusterNetwork", "other"))
        lab.restore()
        assert [item["metadata"]["name"] for item in client.list(make.NETWORK, "ClusterNetwork")] == ["mgmt"]
    finally:
        lab.down()


def test_a_lab_without_cluster_says_how_to_get_one(lab: Lab) -> None:
    other = Lab(f"{config.lab_name()[:14]}-none")
    with pytest.raises(LabError) as error:
        _ = other.cluster
    assert str(error.value) == f"Lab {other.name!r} is down. 'python -m lab up' starts it."
    with pytest.raises(LabError) as error:
        lab.up(nodes=3, cluster=True)
    assert str(error.value) == (
        f"Lab {lab.name!r} runs with nodes [], not ['node1', 'node2', 'node3']. 'python -m lab down' ends it; another "
        "lab beside it: HARVESTER_LAB=NAME."
    )
    with pytest.raises(LabError) as error:
        other.up(nodes=0)
    assert str(error.value) == "0 nodes: the lab has 1 to 3."
