# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pod_restart: which pods go, and which it leaves alone or refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from cluster_api import Api, reply
from cluster_modules import Caller
from cluster_objects import snapshot, thing

from ansible_collections.harvester.network.plugins.module_utils.cluster import _pod_restart
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply
from ansible_collections.harvester.network.plugins.modules import pod_restart

CANAL = {"node": "n2", "namespace": "kube-system", "labels": {"k8s-app": "canal"}}


class Pods(Api):
    """The API with pods, which it selects by namespace, labels and node as Kubernetes does."""

    def __init__(self, *pods: Any) -> None:
        super().__init__(snapshot())
        self.pods = list(pods)
        self.bodies: list[Any] = []

    def __call__(self, method: str, url: str, body: Any, content_type: str) -> Reply:
        parts = urlsplit(url)
        self.sent.append((method, parts.path, body))
        assert parts.path.startswith("/api/v1/namespaces/kube-system/pods")
        if method == "DELETE":
            self.bodies.append(body)
            return reply({})
        asked = parse_qs(parts.query)
        labels = dict(one.split("=") for one in asked["labelSelector"][0].split(","))
        (node,) = (one.removeprefix("spec.nodeName=") for one in asked["fieldSelector"])
        found = [pod for pod in self.pods if labels.items() <= pod["metadata"]["labels"].items()]
        return reply({"items": [pod for pod in found if pod["spec"]["nodeName"] == node]})


def pod(name: str, node: str = "n2", app: str = "canal", owned: bool = True, ending: bool = False) -> Any:
    found = thing("pods", name, "kube-system", labels={"k8s-app": app}, spec={"nodeName": node})
    found["metadata"]["uid"] = "uid-" + name
    if owned:
        found["metadata"]["ownerReferences"] = [{"kind": "DaemonSet", "name": "rke2-canal", "controller": True}]
    if ending:
        found["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return found


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("pod_restart", snapshot(), monkeypatch, capsys)


def test_the_pod_of_the_node_goes_by_its_uid(call: Caller) -> None:
    call.api = Pods(pod("canal-1", "n1"), pod("canal-2"), pod("dns", app="dns"))
    for check in (True, False):
        found = call(check, **CANAL)
        assert (found["changed"], found["pods"]) == (True, [{"namespace": "kube-system", "name": "canal-2"}])
        assert len(call.api.bodies) == (not check)
    assert call.writes == [("DELETE", "canal-2", call.api.bodies[0])]
    assert call.api.bodies[0]["preconditions"] == {"uid": "uid-canal-2"}


def test_a_pod_that_is_ending_is_left_alone(call: Caller) -> None:
    call.api = Pods(pod("canal-2", ending=True))
    found = call(**CANAL)
    assert (found["changed"], found["pods"]) == (False, [{"namespace": "kube-system", "name": "canal-2"}])
    assert call.writes == []


@pytest.mark.parametrize(
    ("pods", "options", "message"),
    [
        (
            [pod("canal-1", "n1")],
            {},
            (
                "node 'n2': labels=k8s-app=canal: no pod of namespace kube-system on it has them; see kubectl -n"
                " kube-system get pods -l k8s-app=canal -o wide"
            ),
        ),
        (
            [pod("canal-2", owned=False)],
            {},
            (
                "pod 'kube-system/canal-2': no controller would make it again; give labels of pods of a DaemonSet or"
                " Deployment"
            ),
        ),
        ([], {"labels": {}}, "node 'n2': labels={}: every pod would be meant; give labels that its pods have"),
    ],
)
def test_what_is_refused(call: Caller, pods: list[Any], options: dict[str, Any], message: str) -> None:
    call.api = Pods(*pods)
    assert call(**{**CANAL, **options})["msg"] == message
    assert call.api.written == []


def test_the_documentation_has_the_options() -> None:
    documented = yaml.safe_load(pod_restart.DOCUMENTATION)["options"]
    shown = {
        name: {key: value for key, value in one.items() if key != "description"} for name, one in documented.items()
    }
    assert shown == _pod_restart.ARGUMENT_SPEC
