# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that the modules build on reaches the cluster: kubernetes.core, by kubeconfig and by K8S_AUTH_* alone."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from lab.apiserver import Client, Cluster

pytestmark = [pytest.mark.api, pytest.mark.oldest]

ROOT = Path(__file__).parents[2]

VLAN_CONFIGS = "api_version=network.harvesterhci.io/v1beta1 kind=VlanConfig"


def ansible(module: str, arguments: str, folder: Path, **environment: str) -> tuple[int, Any]:
    """One module on the controller; returns exit code and result."""
    tree = folder / "tree"
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", module, "-a", arguments, "-t", str(tree)]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH", "KUBECONFIG"))}
    python = f"{os.environ['VIRTUAL_ENV']}/bin/python"
    done = subprocess.run(
        [*argv, "-e", f"ansible_python_interpreter={python}"],
        env={**env, **environment, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, json.loads((tree / "localhost").read_text())


def test_the_version_is_one_that_galaxy_yml_allows() -> None:
    """The oldest itself, in the part of the gate that runs with it."""
    folder = Path(str(importlib.util.find_spec("ansible_collections.kubernetes.core").submodule_search_locations[0]))
    version = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"]
    needed = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]["kubernetes.core"]
    oldest = needed.removeprefix(">=")
    assert Version(version) >= Version(oldest)
    assert "collections-oldest" not in folder.parts or version == oldest


def test_objects_are_read_by_kubeconfig(cluster: Cluster, tmp_path: Path) -> None:
    environment = {"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)}
    code, result = ansible("kubernetes.core.k8s_info", VLAN_CONFIGS, tmp_path, **environment)
    assert code == 0, result
    assert sorted(item["metadata"]["name"] for item in result["resources"]) == [
        "storage-rack-a",
        "storage-rack-b",
        "vmnet-rack-a",
        "vmnet-rack-b",
    ]


def test_rbac_speaks_through_the_module(cluster: Cluster, tmp_path: Path) -> None:
    certificate, key = cluster.authority.client("viewer")
    environment = {
        "K8S_AUTH_HOST": cluster.server,
        "K8S_AUTH_SSL_CA_CERT": str(cluster.authority.certificate),
        "K8S_AUTH_CERT_FILE": str(certificate),
        "K8S_AUTH_KEY_FILE": str(key),
    }
    code, result = ansible("kubernetes.core.k8s_info", VLAN_CONFIGS, tmp_path, **environment)
    assert code != 0
    assert re.search(r"User \W+viewer\W+ cannot list resource \W+vlanconfigs\W", result["msg"]), result


def test_a_merge_patch_leaves_the_rest_alone(cluster: Cluster, client: Client, tmp_path: Path) -> None:
    where = ("network.harvesterhci.io/v1beta1", "ClusterNetwork", "vmnet")
    before = client.get(*where)
    definition = {
        "apiVersion": where[0],
        "kind": where[1],
        "metadata": {"name": where[2], "annotations": {"field.cattle.io/description": "for VMs"}},
    }
    arguments = json.dumps({"state": "patched", "definition": definition})
    environment = {"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)}
    code, result = ansible("kubernetes.core.k8s", arguments, tmp_path, **environment)
    assert code == 0, result
    assert result["changed"] is True
    after = client.get(*where)
    assert after["status"] == before["status"]
    assert after["metadata"]["annotations"] == {
        **before["metadata"]["annotations"],
        "field.cattle.io/description": "for VMs",
    }
