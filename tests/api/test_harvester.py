# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for Harvester at work: refusals as they arrive, mutations, dry runs, agents and manager.

Each line of chapter 12 of the facts that needs no host is here. Nodes are played, so links are in memory only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.apiserver import ApiError, Client, Cluster, Object
from lab.apiserver import objects as make
from lab.apiserver.cluster import INSTALLED

pytestmark = pytest.mark.api

V1BETA1 = "network.harvesterhci.io/v1beta1"
P = "network.harvesterhci.io"
NADS = "k8s.cni.cncf.io/v1"
NETWORK_WEBHOOK = (
    'admission webhook "validator.harvester-system.harvester-network-webhook" denied the request: '
    "Internal error occurred: "
)
PATHS = {
    "ClusterNetwork": f"/apis/{V1BETA1}/clusternetworks",
    "VlanConfig": f"/apis/{V1BETA1}/vlanconfigs",
    "HostNetworkConfig": f"/apis/{V1BETA1}/hostnetworkconfigs",
    "NetworkAttachmentDefinition": f"/apis/{NADS}/namespaces/default/network-attachment-definitions",
    "Setting": "/apis/harvesterhci.io/v1beta1/settings",
    "Node": "/api/v1/nodes",
}
DRY = {"dryRun": "All"}
MERGE = "application/merge-patch+json"


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def config(
    name: str, network: str, node: str | None = "node1", nics: tuple[str, ...] = ("eno3",), **uplink: Any
) -> Object:
    selector = {} if node is None else {"nodeSelector": {"kubernetes.io/hostname": node}}
    spec = {"clusterNetwork": network, **selector, "uplink": {"nics": list(nics), **uplink}}
    return {"apiVersion": V1BETA1, "kind": "VlanConfig", "metadata": {"name": name}, "spec": spec}


def network(name: str, **annotations: str) -> Object:
    return make.named(V1BETA1, "ClusterNetwork", name, annotations=annotations)


def mtu(value: int) -> dict[str, Any]:
    return {"linkAttributes": {"mtu": value}}


def refusal(call: Callable[[], Any]) -> tuple[int, str, str]:
    """HTTP code, reason and message of a refusal."""
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value.status, caught.value.reason, caught.value.message


@pytest.fixture
def installed(running: Cluster) -> Iterator[Client]:
    """The cluster as after an installation: NICs are free. Ends with every agent running."""
    running.reset(INSTALLED)
    yield running.client()
    running.reset(INSTALLED)


# --- refusals as they arrive (the seeded cluster; nothing is changed)


@pytest.mark.parametrize(
    ("method", "kind", "name", "body", "said"),
    [
        ("DELETE", "ClusterNetwork", "mgmt", None, "can't delete cluster network mgmt because it is not allowed"),
        (
            "DELETE",
            "ClusterNetwork",
            "vmnet",
            None,
            (
                "can't delete cluster network vmnet because vlanconfig(s) [vmnet-rack-a vmnet-rack-b] under this "
                "clusternetwork are still existing"
            ),
        ),
        (
            "PATCH",
            "ClusterNetwork",
            "vmnet",
            {"metadata": {"annotations": {f"{P}/uplink-mtu": "9000"}}},
            (
                "can't update cluster network vmnet because clusternetwork has MTU 9000, but the vlanconfigs "
                "vmnet-rack-a has another MTU 1500"
            ),
        ),
        (
            "POST",
            "ClusterNetwork",
            "",
            network("thirteen-char"),
            (
                "can't create cluster network thirteen-char because the length of the clusterNetwork name "
                "thirteen-char is more than 12"
            ),
        ),
        (
            "POST",
            "VlanConfig",
            "",
            config("x", "mgmt"),
            "can't create vlanConfig x because cluster network can't be mgmt",
        ),
        (
            "POST",
            "VlanConfig",
            "",
            config("x", "nowhere"),
            "can't create vlanConfig x because it refers to a none-existing cluster network nowhere",
        ),
        (
            "POST",
            "VlanConfig",
            "",
            config("x", "vmnet", **mtu(9001)),
            "can't create vlanConfig x because the MTU 9001 is out of range [0, 576..9000]",
        ),
        (
            "POST",
            "VlanConfig",
            "",
            config("x", "vmnet", **mtu(1500)),
            "can't create vlanConfig x because it overlaps with other vlanconfigs matching node(s) [node1]",
        ),
        (
            "PATCH",
            "VlanConfig",
            "vmnet-rack-a",
            {"spec": {"uplink": mtu(9000)}},
            (
                "can't update vlanConfig vmnet-rack-a because the vlanconfig vmnet-rack-a MTU 9000 is different with "
                "another vlanconfig vmnet-rack-b MTU 1500, all vlanconfigs on one clusternetwork need to have same MTU"
            ),
        ),
        (
            "PATCH",
            "VlanConfig",
            "vmnet-rack-a",
            {"spec": {"uplink": {"nics": ["eno3", "eno4"]}}},
            (
                "can't update vlanConfig vmnet-rack-a because it is blocked by VM(s) default/web which must be stopped "
                "at first"
            ),
        ),
        (
            "DELETE",
            "VlanConfig",
            "vmnet-rack-b",
            None,
            (
                "can't delete vlanConfig vmnet-rack-b because it is blocked by VM(s) production/db which must be "
                "stopped at first"
            ),
        ),
        (
            "DELETE",
            "VlanConfig",
            "storage-rack-a",
            None,
            (
                "can't delete vlanConfig storage-rack-a because the storage network nad storagenetwork-seed1 is still "
                "attached"
            ),
        ),
        (
            "DELETE",
            "NetworkAttachmentDefinition",
            "vlan100",
            None,
            (
                "can't delete nad default/vlan100 because it's still used by VM(s) default/web which must be stopped "
                "at first"
            ),
        ),
        (
            "DELETE",
            "NetworkAttachmentDefinition",
            "untagged",
            None,
            (
                "can't delete nad default/untagged because it's still used by VM(s) default/batch which must remove "
                "the related networks and interfaces"
            ),
        ),
        (
            "POST",
            "HostNetworkConfig",
            "",
            make.named(
                V1BETA1,
                "HostNetworkConfig",
                "h",
                spec={"clusterNetwork": "vmnet", "vlanID": 5, "mode": "static", "ips": {"node1": "10.0.0.1/24"}},
            ),
            "can't create hostnetworkConfig h because static IP not found for node node2",
        ),
    ],
)
@pytest.mark.parametrize("query", [{}, DRY], ids=["real", "dry run"])
def test_a_refusal_is_an_http_500_with_its_text(
    client: Client, method: str, kind: str, name: str, body: Any, said: str, query: dict[str, str]
) -> None:
    path = PATHS[kind] + (f"/{name}" if name else "")
    content = MERGE if method == "PATCH" else "application/json"
    assert refusal(lambda: client.request(method, path, body, content, query)) == (
        500,
        "InternalError",
        NETWORK_WEBHOOK + said,
    )


def test_the_crd_refuses_an_unknown_bond_mode_itself(client: Client) -> None:
    code, reason, message = refusal(lambda: client.create(config("x", "vmnet", bondOptions={"mode": "lacp"})))
    assert (code, reason) == (422, "Invalid")
    assert "admission webhook" not in message


def test_harvesters_own_webhook_has_codes_of_its_own(client: Client) -> None:
    path = f"{PATHS['Setting']}/storage-network"
    said = 'admission webhook "validator.harvesterhci.io" denied the request: '
    assert refusal(lambda: client.request("PATCH", path, {"value": ""}, MERGE)) == (
        422,
        "Invalid",
        said + "Please stop all VMs before configuring the storage-network setting",
    )
    assert refusal(lambda: client.request("DELETE", path)) == (
        405,
        "MethodNotAllowed",
        said + "Disallow delete setting name storage-network",
    )


def test_a_vmi_blocks_in_any_phase(client: Client) -> None:
    where = ("kubevirt.io/v1", "VirtualMachineInstance", "db", "production")
    vmi = client.get(*where)
    vmi["status"]["phase"] = "Succeeded"
    del vmi["metadata"]["resourceVersion"]
    client.put([vmi])
    code, _, message = refusal(lambda: client.delete(V1BETA1, "VlanConfig", "vmnet-rack-b"))
    assert code == 500
    assert message.endswith("it is blocked by VM(s) production/db which must be stopped at first")


def test_a_description_is_not_blocked(client: Client) -> None:
    changed = client.patch(V1BETA1, "VlanConfig", "vmnet-rack-a", {"spec": {"description": "x"}})
    assert changed["spec"]["description"] == "x"


# --- accepted without a word


@pytest.mark.parametrize(
    "given",
    [
        config("x", "cn1", "nowhere"),
        config("x", "cn1", nics=()),
        config("x", "cn1", nics=("nope0",)),
        config("x", "cn1", nics=("eno1",)),
        config("x", "cn1", nics=("mgmt-bo",)),
        config("x", "cn1", bondOptions={"miimon": 0}),
        config("x", "cn1", bondOptions={"mode": "802.3ad"}),
    ],
    ids=["no node", "no NIC", "NIC not there", "NIC of mgmt", "bond of mgmt", "miimon 0", "other mode"],
)
def test_accepted_without_a_word(installed: Client, given: Object) -> None:
    installed.put([network("cn1"), config("other", "cn1", "node2")])
    made = installed.request("POST", PATHS["VlanConfig"], given, query=DRY)
    assert made["metadata"]["labels"] == {f"{P}/clusternetwork": "cn1"}


# --- mutations and dry runs


def test_matched_nodes(installed: Client) -> None:
    installed.put([network("cn1")])
    made = installed.create(config("x", "cn1", None))
    assert made["metadata"]["labels"] == {f"{P}/clusternetwork": "cn1"}
    assert json.loads(made["metadata"]["annotations"][f"{P}/matched-nodes"]) == ["node1", "node2", "node3"]
    changed = installed.patch(
        V1BETA1, "VlanConfig", "x", {"spec": {"nodeSelector": {"kubernetes.io/hostname": "none"}}}
    )
    assert json.loads(changed["metadata"]["annotations"][f"{P}/matched-nodes"]) == ["node1", "node2", "node3"]


def test_a_dry_run_is_mutated_and_leaves_nothing(installed: Client) -> None:
    installed.put([network("cn1")])
    made = installed.request("POST", PATHS["VlanConfig"], config("x", "cn1"), query=DRY)
    assert json.loads(made["metadata"]["annotations"][f"{P}/matched-nodes"]) == ["node1"]
    time.sleep(1)
    assert installed.list(V1BETA1, "VlanConfig") == []
    assert installed.list(V1BETA1, "VlanStatus") == []


def test_a_new_nad_gets_the_mtu_of_its_cluster_network(client: Client) -> None:
    made = client.create(make.attachment("jumbo", "storage", 60))
    assert json.loads(made["spec"]["config"])["mtu"] == 9000
    made = client.create(make.attachment("plain", "vmnet", 60))
    assert "mtu" not in json.loads(made["spec"]["config"])


# --- agents and manager


def ready(client: Client, name: str) -> Object | None:
    """The VlanStatus of a configuration on node1, once it says anything."""
    found = client.list(V1BETA1, "VlanStatus", labelSelector=f"{P}/vlanconfig={name},{P}/node=node1")
    return found[0] if found else None


def node_labels(client: Client, name: str = "node1") -> dict[str, str]:
    return dict(client.get("v1", "Node", name)["metadata"]["labels"])


def annotations(client: Client, name: str) -> dict[str, str]:
    return dict(client.get(V1BETA1, "ClusterNetwork", name)["metadata"].get("annotations") or {})


def set_up(client: Client, **uplink: Any) -> None:
    client.put([network("cn1"), config("x", "cn1", **uplink)])
    until(lambda: ready(client, "x"))
    until(lambda: node_labels(client).get(f"{P}/cn1"))


def test_from_configuration_to_removal(installed: Client) -> None:
    set_up(installed, **mtu(9000))
    installed.create(make.attachment("n", "cn1", 100))
    status = ready(installed, "x")
    assert status
    assert [(item["type"], item["status"]) for item in status["status"]["conditions"]] == [("ready", "True")]
    assert node_labels(installed)[f"{P}/vlanconfig"] == "x"
    until(lambda: annotations(installed, "cn1").get(f"{P}/vlan-id-set-str") == "100")
    found = annotations(installed, "cn1")
    assert (found[f"{P}/uplink-mtu"], found[f"{P}/mtu-source-vc"]) == ("9000", "x")
    until(lambda: installed.find(V1BETA1, "LinkMonitor", "cn1"))
    there = installed.get(V1BETA1, "VlanConfig", "x")
    assert there["metadata"]["finalizers"] == ["wrangler.cattle.io/harvester-network-vlanconfig-controller"]
    assert sorted(there["metadata"]["annotations"]) == [f"{P}/matched-nodes"]
    installed.delete(NADS, "NetworkAttachmentDefinition", "n", "default")
    installed.delete(V1BETA1, "VlanConfig", "x")
    until(lambda: not installed.find(V1BETA1, "VlanConfig", "x"))
    until(lambda: not ready(installed, "x"))
    until(lambda: f"{P}/cn1" not in node_labels(installed))
    until(lambda: f"{P}/uplink-mtu" not in annotations(installed, "cn1"))
    installed.delete(V1BETA1, "ClusterNetwork", "cn1")
    until(lambda: not installed.find(V1BETA1, "LinkMonitor", "cn1"))


def test_a_nic_that_is_not_there(installed: Client) -> None:
    installed.put([network("cn1"), config("x", "cn1", nics=("nope0",))])
    status = until(lambda: ready(installed, "x"))
    (condition,) = status["status"]["conditions"]
    assert (condition["status"], condition["message"]) == ("False", "get link nope0 failed, error: Link not found")
    assert f"{P}/cn1" not in node_labels(installed)
    # any VlanStatus makes the cluster network ready, a failed one too
    until(lambda: _ready(installed, "cn1") == "True")


def _ready(client: Client, name: str) -> str:
    conditions = (client.get(V1BETA1, "ClusterNetwork", name).get("status") or {}).get("conditions") or []
    return str(next((item["status"] for item in conditions if item["type"] == "ready"), ""))


def test_mtu_0_after_9000(installed: Client) -> None:
    set_up(installed, **mtu(9000))
    installed.create(make.attachment("n", "cn1", 100))
    installed.patch(V1BETA1, "VlanConfig", "x", {"spec": {"uplink": mtu(0)}})
    until(lambda: annotations(installed, "cn1")[f"{P}/uplink-mtu"] == "1500")
    until(lambda: _nad_mtu(installed) == 1500)


def _nad_mtu(client: Client) -> Any:
    return json.loads(client.get(NADS, "NetworkAttachmentDefinition", "n", "default")["spec"]["config"]).get("mtu")


def test_uplink_mtu_0_of_mgmt(installed: Client) -> None:
    where = (V1BETA1, "ClusterNetwork", "mgmt")
    installed.patch(*where, {"metadata": {"annotations": {f"{P}/uplink-mtu": "9000"}}})
    installed.create(make.attachment("n", "mgmt", 100))
    assert _nad_mtu(installed) == 9000
    installed.patch(*where, {"metadata": {"annotations": {f"{P}/uplink-mtu": "0"}}})
    until(lambda: _nad_mtu(installed) == 0)
    installed.patch(*where, {"metadata": {"annotations": {f"{P}/uplink-mtu": None}}})
    time.sleep(1)
    assert _nad_mtu(installed) == 0


def test_a_stopped_agent_loses_a_deletion(running: Cluster, installed: Client) -> None:
    set_up(installed)
    control = running.harvester.control
    control.stop_agent("node1")
    until(lambda: control.agent_rests("node1"))
    installed.delete(V1BETA1, "VlanConfig", "x")
    until(lambda: not installed.find(V1BETA1, "VlanConfig", "x"))
    until(lambda: not ready(installed, "x"), 60)
    control.start_agent("node1")
    until(lambda: not control.agent_rests("node1"))
    assert node_labels(installed)[f"{P}/cn1"] == "true"
    # creating it again repairs the orphan
    installed.create(config("y", "cn1", **mtu(9000)))
    until(lambda: node_labels(installed)[f"{P}/vlanconfig"] == "y")


def test_a_relabelled_node(installed: Client) -> None:
    given = config("x", "cn1", None)
    given["spec"]["nodeSelector"] = {"own": "yes"}
    installed.put([network("cn1"), given])
    assert f"{P}/matched-nodes" not in (installed.get(V1BETA1, "VlanConfig", "x")["metadata"].get("annotations") or {})
    installed.patch("v1", "Node", "node1", {"metadata": {"labels": {"own": "yes"}}})
    until(lambda: ready(installed, "x"))
    installed.patch("v1", "Node", "node1", {"metadata": {"labels": {"own": None}}})
    until(lambda: not ready(installed, "x"))
    until(lambda: f"{P}/cn1" not in node_labels(installed))


def test_a_vm_runs_where_its_network_is(installed: Client) -> None:
    set_up(installed)
    installed.create(make.attachment("n", "cn1", 100))
    installed.create(make.vm("v", ["default/n"]))
    where = ("kubevirt.io/v1", "VirtualMachineInstance", "v", "default")
    vmi = until(lambda: (found := installed.find(*where)) and found["status"].get("phase") == "Running" and found)
    assert vmi["status"]["nodeName"] == "node1"
    code, _, message = refusal(lambda: installed.delete(V1BETA1, "VlanConfig", "x"))
    assert (code, message) == (
        500,
        NETWORK_WEBHOOK
        + "can't delete vlanConfig x because it is blocked by VM(s) default/v which must be stopped at first",
    )
    installed.patch("kubevirt.io/v1", "VirtualMachine", "v", {"spec": {"runStrategy": "Halted"}}, "default")
    until(lambda: not installed.find(*where))
    installed.delete(V1BETA1, "VlanConfig", "x")
    until(lambda: not installed.find(V1BETA1, "VlanConfig", "x"))


def test_the_seeded_cluster_is_at_rest(cluster: Cluster) -> None:
    before = cluster.store.read()
    cluster.settle()
    changed = sorted(key.decode() for key, value in cluster.store.read().items() if before.get(key) != value)
    assert changed == []
