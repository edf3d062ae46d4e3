# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's client: paths and errors; kubeconfigs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.apiserver.client import ApiError, Resource
from lab.apiserver.cluster import kubeconfig

NODES = Resource("v1", "Node", "nodes", namespaced=False, has_status=True)
VMS = Resource("kubevirt.io/v1", "VirtualMachine", "virtualmachines", namespaced=True, has_status=True)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (NODES.path(), "/api/v1/nodes"),
        (NODES.path(None, "node1", "status"), "/api/v1/nodes/node1/status"),
        (NODES.path("ignored", "node1"), "/api/v1/nodes/node1"),
        (VMS.path(), "/apis/kubevirt.io/v1/virtualmachines"),
        (VMS.path("default", "web"), "/apis/kubevirt.io/v1/namespaces/default/virtualmachines/web"),
        (VMS.path("default", "a/b"), "/apis/kubevirt.io/v1/namespaces/default/virtualmachines/a%2Fb"),
    ],
)
def test_paths(path: str, wanted: str) -> None:
    assert path == wanted


def test_an_answer_that_is_no_success_is_told_in_the_api_s_words() -> None:
    body = json.dumps({"kind": "Status", "reason": "Forbidden", "message": "nodes is forbidden"}).encode()
    error = ApiError("GET", "/api/v1/nodes", 403, body)
    assert str(error) == "GET /api/v1/nodes: HTTP 403 Forbidden: nodes is forbidden"
    assert (error.status, error.reason, error.message) == (403, "Forbidden", "nodes is forbidden")


def test_an_answer_that_is_no_json_is_told_as_it_is() -> None:
    assert str(ApiError("GET", "/readyz", 500, b"[-]etcd failed")) == "GET /readyz: HTTP 500 : [-]etcd failed"


def test_a_kubeconfig_carries_everything(tmp_path: Path) -> None:
    names = ("ca.crt", "user.crt", "user.key")
    for name in names:
        (tmp_path / name).write_text(name)
    authority, certificate, key = (tmp_path / name for name in names)
    data = json.loads(kubeconfig("lab-x", "https://127.0.0.1:1", "viewer", authority, certificate, key))
    assert data["clusters"][0]["cluster"] == {"server": "https://127.0.0.1:1", "certificate-authority-data": "Y2EuY3J0"}
    assert data["users"][0] == {
        "name": "viewer",
        "user": {"client-certificate-data": "dXNlci5jcnQ=", "client-key-data": "dXNlci5rZXk="},
    }
    assert data["current-context"] == data["contexts"][0]["name"] == "lab-x"
