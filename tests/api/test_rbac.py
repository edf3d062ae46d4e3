# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of examples/rbac against the API, for networks: they are enough, and a verb that is taken away is named.

tests/unit/test_collection_rbac.py has the same for all reading with a double of the API, and says that no verb is there
without a use. VMs, the storage network and records of changes have tests of their own.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Conflict, Forbidden
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client as ModuleClient
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._read import READ_SETTINGS
from ansible_collections.harvester.network.plugins.module_utils.cluster._report import SUBSETS, kinds
from ansible_collections.harvester.network.plugins.module_utils.cluster._transport import Transport
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import (
    _cluster_network,
    _host_config,
    _network_config,
    _node_labels,
    _vm_network,
)
from lab.apiserver import Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = pytest.mark.api

RBAC = Path(__file__).parents[2] / "examples/rbac"
ACCOUNT = "system:serviceaccount:harvester-network:%s"
"""A certificate with this name is the service account to RBAC."""
V1 = "rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

Step = tuple[str, dict[str, Any]]
"""A module and its options."""


class Permission(NamedTuple):
    """One verb on one resource. namespace: of a Role, empty for a ClusterRole. name: of the object, empty for every."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


def documents(account: str) -> list[Object]:
    found: list[Object] = yaml.safe_load((RBAC / f"{account}.yml").read_text(encoding="utf-8"))["items"]
    return found


def single(role: Object) -> list[tuple[Permission, Object]]:
    """The permissions of a role, each with a rule for it alone."""
    found = []
    for rule in role["rules"]:
        for group, resource, verb in (
            (group, resource, verb)
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        ):
            for name in rule.get("resourceNames", [""]):
                permission = Permission(verb, group, resource, role["metadata"].get("namespace", ""), name)
                named = {"resourceNames": [name]} if name else {}
                found.append((permission, {"apiGroups": [group], "resources": [resource], "verbs": [verb], **named}))
    return found


def permissions(account: str) -> list[Permission]:
    return [permission for role in documents(account) for permission, _rule in single(role)]


def allowed(client: Client, account: str, permission: Permission) -> bool:
    """Whether the API server lets the account do it now."""
    attributes = {"verb": permission.verb, "group": permission.group, "resource": permission.resource}
    attributes |= {"namespace": permission.namespace, "name": permission.name}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": ACCOUNT % account, "resourceAttributes": attributes},
    }
    return bool(client.request("POST", REVIEWS, body)["status"]["allowed"])


def in_force(client: Client, account: str) -> bool:
    return all(allowed(client, account, one) for one in permissions(account))


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """The API server hears of a changed role a moment later."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the role has not come into force"
        time.sleep(0.05)


@pytest.fixture
def rbac(installed: Client) -> Client:
    """Roles and bindings as they are shipped, in a cluster after its installation."""
    for name in ("bindings", "viewer", "operator"):
        installed.put(documents(name))
    for account in ("viewer", "operator"):
        until(partial(in_force, installed, account))
    return installed


def take_away(client: Client, account: str, missing: Permission) -> None:
    for role in documents(account):
        rules = [rule for permission, rule in single(role) if permission != missing]
        metadata = role["metadata"]
        client.patch(V1, role["kind"], metadata["name"], {"rules": rules}, metadata.get("namespace"))
    until(lambda: not allowed(client, account, missing))


VM: Step = ("cluster_network", {"name": "vm"})
CONFIG: Step = (
    "network_config",
    {"name": "a", "cluster_network": "vm", "node": "node1", "nics": ["eno3"], "uplink": {"mtu": 9000}},
)
NAD: Step = ("vm_network", {"name": "v", "cluster_network": "mgmt", "vlan_id": 7})
HOST: Step = (
    "host_network_config",
    {"name": "h", "cluster_network": "mgmt", "vlan_id": 2030, "all_nodes": True, "mode": "dhcp"},
)
LABELS: Step = ("node_labels", {"labels": {"node1": {"example.com/rack": "a"}}})
INFO: Step = ("network_info", {})


def change(step: Step, **options: Any) -> Step:
    return step[0], {"name": step[1]["name"], **options}


NETWORK_GROUP, NAD_GROUP = "network.harvesterhci.io", "k8s.cni.cncf.io"
WRITES: dict[Permission, tuple[list[Step], Step]] = {
    Permission("create", NETWORK_GROUP, "clusternetworks"): ([], VM),
    Permission("patch", NETWORK_GROUP, "clusternetworks"): ([VM], change(VM, description="x")),
    Permission("delete", NETWORK_GROUP, "clusternetworks"): ([VM], change(VM, state="absent")),
    Permission("create", NETWORK_GROUP, "vlanconfigs"): ([VM], CONFIG),
    Permission("patch", NETWORK_GROUP, "vlanconfigs"): ([VM, CONFIG], change(CONFIG, description="x")),
    Permission("delete", NETWORK_GROUP, "vlanconfigs"): ([VM, CONFIG], change(CONFIG, state="absent")),
    Permission("create", NAD_GROUP, "network-attachment-definitions"): ([], NAD),
    Permission("patch", NAD_GROUP, "network-attachment-definitions"): ([NAD], change(NAD, vlan_id=8)),
    Permission("delete", NAD_GROUP, "network-attachment-definitions"): ([NAD], change(NAD, state="absent")),
    Permission("create", NETWORK_GROUP, "hostnetworkconfigs"): ([], HOST),
    Permission("patch", NETWORK_GROUP, "hostnetworkconfigs"): ([HOST], change(HOST, description="x")),
    Permission("delete", NETWORK_GROUP, "hostnetworkconfigs"): ([HOST], change(HOST, state="absent")),
    Permission("patch", "", "nodes"): ([], LABELS),
}
"""What changes networks: the permission, what the administrator does before, and the call that needs it."""

READS: tuple[Step, ...] = (VM, CONFIG, NAD, HOST, LABELS, INFO)
"""Calls, in check mode, that together read all that is read."""
PLANS = (_cluster_network, _host_config, _network_config, _node_labels, _vm_network)
READ = [BY_KEY[key] for key in {*kinds(SUBSETS), *(key for plan in PLANS for key in plan.KINDS)} if key != "settings"]
"""The kinds that these calls list; settings are read one by one."""


def reads(one: Permission) -> bool:
    if one.resource == "settings":
        return one.verb == "get" and one.name in READ_SETTINGS
    return one.verb == "list" and any(
        (one.group, one.resource, one.namespace) == (kind.group, kind.plural, kind.namespace) for kind in READ
    )


READING = {account: [one for one in permissions(account) if reads(one)] for account in ("viewer", "operator")}
WRITTEN = {(one.group, one.resource) for one in WRITES}
AFTER_A_CONFLICT = [
    one for one in permissions("operator") if one.verb == "get" and (one.group, one.resource) in WRITTEN
]
"""An object is read by name when a request met it changed by others."""


def told(permission: Permission) -> str:
    return f"grant the verb '{permission.verb}' on '{permission.title}'"


def text(value: object) -> str | None:
    return "-".join(filter(None, value)) if isinstance(value, Permission) else None


def test_every_permission_on_networks_has_a_test_here() -> None:
    tested = {*WRITES, *READING["operator"], *AFTER_A_CONFLICT}
    given = {one for one in permissions("operator") if (one.group, one.resource) in WRITTEN}
    assert given - tested == set()
    assert tested - set(permissions("operator")) == set()
    assert {(one.group, one.resource) for one in READING["viewer"]} >= WRITTEN


def test_the_operator_can_do_it_all(rbac: Client, running: Cluster, call: Callable[..., dict[str, Any]]) -> None:
    access = str(running.user_kubeconfig(ACCOUNT % "operator"))
    removals = [change(step, state="absent") for step in (NAD, HOST, CONFIG, VM)]
    changes = [change(VM, description="x"), change(CONFIG, description="x"), change(NAD, vlan_id=8)]
    changes += [change(HOST, description="x")]
    for module, options in (VM, CONFIG, NAD, HOST, LABELS, *changes, *removals):
        result = call(module, kubeconfig=access, **options)
        assert "failed" not in result, result["msg"]
        assert result["changed"] is True
    assert "failed" not in call(INFO[0], kubeconfig=access)


def test_a_token_of_the_service_account_does_as_well(
    rbac: Client, running: Cluster, call: Callable[..., dict[str, Any]]
) -> None:
    """As examples/README.md has it: with kubectl's token and the server's address, without a kubeconfig."""
    argv = [str(running.kubectl), "--kubeconfig", str(running.kubeconfig), "-n", "harvester-network"]
    token = subprocess.run([*argv, "create", "token", "operator"], capture_output=True, text=True, check=True).stdout
    access = {"kubeconfig": None, "host": running.server, "api_key": token.strip()}
    result = call(NAD[0], **access, ca_cert=str(running.authority.certificate), **NAD[1])
    assert "failed" not in result, result["msg"]
    assert result["changed"] is True


@pytest.mark.parametrize(("missing", "before", "step"), [(one, *case) for one, case in WRITES.items()], ids=text)
def test_a_verb_for_writing_that_is_taken_away_is_named(
    rbac: Client,
    running: Cluster,
    call: Callable[..., dict[str, Any]],
    missing: Permission,
    before: list[Step],
    step: Step,
) -> None:
    for module, options in before:
        assert "failed" not in call(module, **options)
    take_away(rbac, "operator", missing)
    module, options = step
    result = call(module, kubeconfig=str(running.user_kubeconfig(ACCOUNT % "operator")), **options)
    assert result["failed"] is True
    assert f"the API forbids this account to {missing.verb} {missing.title} '" in result["msg"]
    assert f'User "{ACCOUNT % "operator"}" cannot {missing.verb} resource "{missing.resource}"' in result["msg"]
    assert told(missing) in result["msg"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("account", "missing"), [(account, one) for account, found in READING.items() for one in found], ids=text
)
def test_a_verb_for_reading_that_is_taken_away_is_named(
    rbac: Client, running: Cluster, call: Callable[..., dict[str, Any]], account: str, missing: Permission
) -> None:
    take_away(rbac, account, missing)
    access = str(running.user_kubeconfig(ACCOUNT % account))
    steps = [INFO] if account == "viewer" else READS
    results = [call(module, check=True, kubeconfig=access, **options) for module, options in steps]
    failures = [result["msg"] for result in results if result.get("failed") and "forbids" in result["msg"]]
    assert failures
    assert [message for message in failures if told(missing) not in message] == []


@pytest.mark.parametrize("missing", AFTER_A_CONFLICT, ids=text)
def test_a_conflict_is_looked_at_and_the_lack_of_that_verb_is_named(
    rbac: Client, running: Cluster, call: Callable[..., dict[str, Any]], missing: Permission
) -> None:
    for module, options in (VM, CONFIG, NAD, HOST):
        assert "failed" not in call(module, **options)
    kind = next(kind for kind in BY_KEY.values() if (kind.group, kind.plural) == (missing.group, missing.resource))
    name, namespace = {
        "clusternetworks": ("vm", ""),
        "vlanconfigs": ("a", ""),
        "network-attachment-definitions": ("v", "default"),
        "hostnetworkconfigs": ("h", ""),
        "nodes": ("node1", ""),
    }[missing.resource]
    seen = rbac.get(kind.api_version, kind.kind, name, namespace or None)
    theirs, ours = ({"metadata": {"annotations": {"example.com/by": by}}} for by in ("them", "us"))
    rbac.patch(kind.api_version, kind.kind, name, theirs, namespace or None)
    access = str(running.user_kubeconfig(ACCOUNT % "operator"))
    client = ModuleClient(Transport({"kubeconfig": access}), retry_timeout=0)
    with pytest.raises(Conflict, match=r"metadata\.annotations"):
        client.patch(kind, name, ours, namespace, seen=seen)
    take_away(rbac, "operator", missing)
    with pytest.raises(Forbidden) as error:
        client.patch(kind, name, ours, namespace, seen=seen)
    assert (error.value.verb, error.value.resource) == (missing.verb, missing.title)


def test_a_pod_of_canal_and_a_dry_run_of_a_vm_network(
    rbac: Client, running: Cluster, call: Callable[..., dict[str, Any]]
) -> None:
    """What mgmt_mtu does besides: both work, and the verb that is taken away is named."""
    access = str(running.user_kubeconfig(ACCOUNT % "operator"))
    canal: Step = ("pod_restart", {"node": "node2", "namespace": "kube-system", "labels": {"k8s-app": "canal"}})

    def pods() -> list[str]:
        found = rbac.list("v1", "Pod", "kube-system", labelSelector="k8s-app=canal")
        return [pod["metadata"]["uid"] for pod in found if pod["spec"].get("nodeName") == "node2"]

    until(lambda: len(pods()) == 1)
    before = pods()
    assert call(canal[0], kubeconfig=access, **canal[1])["changed"] is True
    until(lambda: len(pods()) == 1 and pods() != before)
    asked: Step = ("new_vm_network_info", {"cluster_network": "mgmt"})
    assert call(asked[0], kubeconfig=access, **asked[1])["mtu"] == 1500
    for missing, (module, options) in (
        (Permission("delete", "", "pods", "kube-system"), canal),
        (Permission("create", NAD_GROUP, "network-attachment-definitions"), asked),
    ):
        take_away(rbac, "operator", missing)
        assert told(missing) in call(module, kubeconfig=access, **options)["msg"]


def test_the_viewer_writes_nothing(rbac: Client, running: Cluster, call: Callable[..., dict[str, Any]]) -> None:
    access = str(running.user_kubeconfig(ACCOUNT % "viewer"))
    before = rbac.list(make.NETWORK, "ClusterNetwork")
    result = call(VM[0], kubeconfig=access, **VM[1])
    assert result["failed"] is True
    assert "the API forbids this account to" in result["msg"]
    assert rbac.list(make.NETWORK, "ClusterNetwork") == before
    assert [one for one in WRITES if allowed(rbac, "viewer", one)] == []
