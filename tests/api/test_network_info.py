# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""network_info and the inventory plugin against the API, with the accounts of examples/rbac and no other rights."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.apiserver import ApiError, Client, Cluster

pytestmark = pytest.mark.api

RBAC = Path(__file__).parents[2] / "examples/rbac"
ACCOUNT = "system:serviceaccount:harvester-network:%s"
"""A certificate with this name is the service account to RBAC."""
CLUSTER_ROLE = ("rbac.authorization.k8s.io/v1", "ClusterRole", "harvester-network-viewer")


def can(cluster: Cluster, api_version: str, kind: str, namespace: str | None = None) -> bool:
    """Whether the viewer may list a kind now."""
    try:
        cluster.client(ACCOUNT % "viewer", ()).list(api_version, kind, namespace)
    except ApiError as error:
        assert error.status == 403, error
        return False
    return True


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """The API server sees a changed role a moment later."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "the role has not come into force"
        time.sleep(0.1)


@pytest.fixture
def rbac(cluster: Cluster, client: Client) -> None:
    """Roles and bindings as they are shipped."""
    for name in ("bindings", "viewer", "operator"):
        client.put(yaml.safe_load((RBAC / f"{name}.yml").read_text(encoding="utf-8"))["items"])
    wait_until(lambda: can(cluster, "v1", "Node"))
    wait_until(lambda: can(cluster, "harvesterhci.io/v1beta1", "Upgrade", "harvester-system"))


@pytest.fixture
def environment(cluster: Cluster, rbac: None, tmp_path: Path) -> dict[str, str]:
    """The viewer's access, and nothing of the user's own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH", "KUBECONFIG"))}
    access = str(cluster.user_kubeconfig(ACCOUNT % "viewer"))
    return {**env, "K8S_AUTH_KUBECONFIG": access, "HOME": str(tmp_path)}


def network_info(folder: Path, env: dict[str, str], **options: Any) -> dict[str, Any]:
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "harvester.network.network_info"]
    python = f"{os.environ['VIRTUAL_ENV']}/bin/python"
    done = subprocess.run(
        [
            *argv,
            "-a",
            json.dumps(options) if options else "",
            "-t",
            str(folder / "tree"),
            "-e",
            f"ansible_python_interpreter={python}",
        ],
        env=env,
        capture_output=True,
        check=False,
    )
    result: dict[str, Any] = json.loads((folder / "tree/localhost").read_text(encoding="utf-8"))
    return {**result, "failed": done.returncode != 0}


def names(found: dict[str, Any], subset: str) -> list[str]:
    return [item["name"] for item in found[subset]]


@pytest.mark.oldest
def test_the_viewer_reads_everything(client: Client, environment: dict[str, str], tmp_path: Path) -> None:
    found = network_info(tmp_path, environment)
    assert not found["failed"], found
    assert names(found, "cluster_networks") == ["mgmt", "storage", "vmnet"]
    assert [item["reference"] for item in found["vm_networks"]] == [
        "default/office",
        "default/trunk",
        "default/untagged",
        "default/vlan100",
        "harvester-system/storagenetwork-seed1",
        "production/vlan200",
    ]
    assert names(found, "vms") == ["batch", "shell", "web", "db"]
    nodes = [item["metadata"]["name"] for item in client.list("v1", "Node")]
    assert names(found, "nodes") == sorted(nodes)
    storage = found["storage_network"]
    assert (storage["enabled"], storage["cluster_network"], storage["vlan_id"], storage["mtu"]) == (
        True,
        "storage",
        50,
        9000,
    )
    assert [item["not_ready"] for item in found["cluster_networks"]] == [[], [], []]
    assert found["versions"]["harvester"].startswith("v1.")
    assert found["nics"]["nodes"]


def test_what_a_vm_uses_and_where_it_can_run(environment: dict[str, str], tmp_path: Path) -> None:
    found = network_info(tmp_path, environment, gather=["vms", "cluster_networks"])
    web, shell = (next(item for item in found["vms"] if item["name"] == name) for name in ("web", "shell"))
    (vmnet,) = [item for item in found["cluster_networks"] if item["name"] == "vmnet"]
    assert (web["cluster_networks"], web["vm_networks"]) == (["vmnet"], ["default/vlan100"])
    assert web["possible_nodes"] == vmnet["active_nodes"]
    assert (shell["pod_network"], shell["vm_networks"], shell["mgmt_vm_networks"]) == (True, [], [])


def test_a_verb_that_is_taken_away_is_named(
    cluster: Cluster, client: Client, environment: dict[str, str], tmp_path: Path
) -> None:
    role = client.get(*CLUSTER_ROLE)
    rules = [rule for rule in role["rules"] if rule["apiGroups"] != ["kubevirt.io"]]
    client.patch(*CLUSTER_ROLE, {"rules": rules})
    wait_until(lambda: not can(cluster, "kubevirt.io/v1", "VirtualMachine"))
    found = network_info(tmp_path, environment, gather=["vms"])
    assert found["failed"] is True
    assert found["msg"] == (
        "the API forbids this account to list virtualmachines.kubevirt.io: virtualmachines.kubevirt.io is forbidden:"
        f' User "{ACCOUNT % "viewer"}" cannot list resource "virtualmachines" in API group "kubevirt.io" at the cluster'
        " scope; grant the verb 'list' on 'virtualmachines.kubevirt.io' (the collection's examples/rbac has whole"
        " roles)"
    )
    assert not network_info(tmp_path, environment, gather=["nodes"])["failed"]


def test_the_viewer_cannot_list_settings(cluster: Cluster, environment: dict[str, str]) -> None:
    """Their values can hold secrets."""
    argv = [str(cluster.kubectl), "--kubeconfig", environment["K8S_AUTH_KUBECONFIG"], "get", "settings.harvesterhci.io"]
    listed = subprocess.run(argv, capture_output=True, text=True, check=False)
    one = subprocess.run([*argv, "server-version"], capture_output=True, text=True, check=False)
    assert (listed.returncode, "forbidden" in listed.stderr.lower()) == (1, True)
    assert (one.returncode, one.stderr) == (0, "")


def test_the_inventory_has_the_nodes(client: Client, environment: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "cluster.harvester.yml"
    source.write_text("plugin: harvester.network.harvester\n", encoding="utf-8")
    argv = ["ansible-inventory", "-i", str(source), "--list", "--export"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    addresses = {
        item["metadata"]["name"]: next(
            entry["address"] for entry in item["status"]["addresses"] if entry["type"] == "InternalIP"
        )
        for item in client.list("v1", "Node")
    }
    hosts = found["_meta"]["hostvars"]
    assert {name: text(variables["ansible_host"]) for name, variables in hosts.items()} == addresses
    assert sorted(found["harvester_nodes"]["hosts"]) == sorted(addresses)


def text(value: Any) -> str:
    """Without the mark of texts that no template may come from."""
    return str(value["__ansible_unsafe"] if isinstance(value, dict) else value)
