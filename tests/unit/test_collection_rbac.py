# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles in examples/rbac: enough for the modules, and not one verb more.

An account with a role calls what the role is for; then every verb is taken away in turn, and its lack has to be told.
"""

from __future__ import annotations

import importlib
import pathlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest
import yaml

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import (
    _cluster_network,
    _mgmt_mtu_info,
    _networks,
    _storage_network,
    _vm_power,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster import _report, _storage
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Forbidden
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY, LONGHORN_SYSTEM, SYSTEM
from ansible_collections.harvester.network.plugins.module_utils.cluster._read import BY_NAME, read_snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.drain import _drain
from ansible_collections.harvester.network.plugins.module_utils.cluster.power import _run
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot import _gates, _vm_plan
from ansible_collections.harvester.network.plugins.plugin_utils import _inventory

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/unit/module_utils/cluster"))

from api_double import Api  # noqa: E402

RBAC = ROOT / "examples/rbac"
WANTED = ROOT / "plugins/module_utils/cluster/wanted"
PACKAGE = "ansible_collections.harvester.network.plugins.module_utils.cluster.wanted."
WRITTEN = ("clusternetworks", "hostnetworkconfigs", "nads", "vlanconfigs")
"""What the modules that change networks create, patch and delete; get is for what happened to a request."""


LEASE = "harvester-network-change"


class Permission(NamedTuple):
    """One verb on one resource. namespace: empty for all. name: of the object; empty for every one."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""


def documents(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((RBAC / name).read_text(encoding="utf-8"))["items"]
    return found


def permissions(name: str) -> list[Permission]:
    """What a file of roles gives, one by one."""
    return [
        Permission(verb, group, resource, role["metadata"].get("namespace", ""), item)
        for role in documents(name)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for item in rule.get("resourceNames", [""])
    ]


def rules(given: Iterable[Permission]) -> list[dict[str, Any]]:
    return [
        {
            "apiGroups": [one.group],
            "resources": [one.resource],
            "verbs": [one.verb],
            "resourceNames": [one.name] if one.name else [],
            "namespace": one.namespace or None,
        }
        for one in given
    ]


def plans() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The modules that change networks, with the kinds that they read."""
    for path in sorted(WANTED.glob("_[a-z]*.py")):
        kinds = getattr(importlib.import_module(PACKAGE + path.stem), "KINDS", None)
        if kinds:
            yield path.stem[1:], kinds


def of_changes(*verbs: str) -> set[Permission]:
    """What modules change and change_info do with records and the one Lease; RBAC cannot keep create to a name."""
    kind, lease = BY_KEY["config_maps"], BY_KEY["leases"]
    found = {Permission(verb, kind.group, kind.plural, SYSTEM) for verb in (*verbs, "list")}
    return found | {
        Permission(verb, lease.group, lease.plural, SYSTEM, "" if verb == "create" else LEASE) for verb in verbs
    }


VIEWING = {"network_info": tuple(_report.kinds(_report.SUBSETS)), "inventory": _inventory.KINDS}
OPERATING = {
    **VIEWING,
    **dict(plans()),
    "vm_power": _run.KINDS,
    "reboot_gate_info": _gates.kinds(_gates.Before(asked=tuple(_gates.WAITING))),
    "reboot_plan_info": _vm_plan.KINDS,
    "node_drain": (*_drain.KINDS, "pods"),
    "pod_restart": ("pods",),
    "cluster_network_change_info": _cluster_network.KINDS,
    "mgmt_mtu_info": _mgmt_mtu_info.KINDS,
    "cluster_network_info": _networks.KINDS,
    "storage_network_info": _storage_network.KINDS,
    "vm_power_info": _vm_power.KINDS,
}
USES: dict[str, Mapping[str, tuple[str, ...]]] = {"viewer.yml": VIEWING, "operator.yml": OPERATING}


def reading(keys: Iterable[str]) -> set[Permission]:
    """What reading these kinds takes."""
    found = set()
    for key in keys:
        kind = BY_KEY[key]
        if key in BY_NAME:
            found |= {Permission("get", kind.group, kind.plural, "", name) for name in BY_NAME[key]}
        else:
            found.add(Permission("list", kind.group, kind.plural, kind.namespace))
    return found


def of_all(file: str) -> set[Permission]:
    """What all of them read; a verb for all namespaces is one for each."""
    found = set().union(*(reading(kinds) for kinds in USES[file].values()))
    return {one for one in found if not one.namespace or one._replace(namespace="") not in found}


@pytest.mark.parametrize("file", sorted(USES))
def test_nothing_is_given_twice_or_by_a_wildcard(file: str) -> None:
    given = permissions(file)
    assert len(given) == len(set(given))
    assert not [one for one in given if "*" in one]


@pytest.mark.parametrize("file", sorted(USES))
def test_the_role_is_enough(file: str) -> None:
    for kinds in USES[file].values():
        read_snapshot(Client(Api({}, rules=rules(permissions(file))), retry_timeout=0), kinds)


@pytest.mark.parametrize(
    ("file", "missing"),
    [(file, one) for file in sorted(USES) for one in permissions(file) if one in of_all(file)],
    ids=lambda value: "-".join(word for word in value if word) if isinstance(value, Permission) else value,
)
def test_a_verb_that_is_taken_away_is_told(file: str, missing: Permission) -> None:
    """So the role has no verb for reading that nothing needs."""
    left = rules(one for one in permissions(file) if one != missing)
    told = []
    for kinds in USES[file].values():
        try:
            read_snapshot(Client(Api({}, rules=left), retry_timeout=0), kinds)
        except Forbidden as error:
            told.append(str(error))
    resource = f"{missing.resource}.{missing.group}" if missing.group else missing.resource
    assert told
    assert all(f"grant the verb '{missing.verb}' on '{resource}'" in text for text in told)


def test_the_viewer_can_only_read_what_is_read() -> None:
    assert set(permissions("viewer.yml")) == of_all("viewer.yml") | of_changes("get")


def test_the_operator_can_also_write_what_the_modules_write() -> None:
    writes = {
        Permission(verb, BY_KEY[key].group, BY_KEY[key].plural)
        for key in WRITTEN
        for verb in ("create", "delete", "get", "patch")
    }
    kind = BY_KEY["settings"]
    writes |= {Permission("patch", kind.group, kind.plural, "", name) for name in _storage.SETTINGS}
    # labels of nodes
    writes |= {Permission(verb, "", "nodes") for verb in ("get", "patch")}
    # the power of VMs: run strategies, ended instances, migrations, what KubeVirt does, and suspended jobs
    writes |= {
        Permission(verb, BY_KEY[key].group, BY_KEY[key].plural, BY_KEY[key].namespace)
        for key in ("vms", "vm_schedules", "cron_jobs")
        for verb in ("get", "patch")
    }
    writes.add(Permission("delete", "kubevirt.io", "virtualmachineinstances"))
    writes |= {Permission(verb, "kubevirt.io", "virtualmachineinstancemigrations") for verb in ("create", "get")}
    writes |= {
        Permission("update", "subresources.kubevirt.io", part)
        for part in ("virtualmachines/stop", "virtualmachineinstances/unpause")
    }
    writes.add(Permission("create", "", "pods/eviction"))
    # canal's pod of a node
    writes.add(Permission("delete", "", "pods", "kube-system"))
    writes |= of_changes("create", "delete", "get", "patch")
    assert set(permissions("operator.yml")) == of_all("operator.yml") | writes


def test_bindings_name_roles_and_accounts_that_are_there() -> None:
    found = documents("bindings.yml")
    accounts = {item["metadata"]["name"] for item in found if item["kind"] == "ServiceAccount"}
    bound = {
        (item["kind"], item["roleRef"]["kind"], item["roleRef"]["name"], item["subjects"][0]["name"])
        for item in found
        if "roleRef" in item
    }
    assert accounts == {"viewer", "operator"}
    assert bound == {
        (binding, kind, f"harvester-network-{name}", name)
        for binding, kind in (("ClusterRoleBinding", "ClusterRole"), ("RoleBinding", "Role"))
        for name in accounts
    }
    namespaces = {"viewer": [SYSTEM, LONGHORN_SYSTEM], "operator": [SYSTEM, LONGHORN_SYSTEM, "kube-system"]}
    for name in accounts:
        places = [
            (role["kind"], role["metadata"]["name"], role["metadata"].get("namespace"))
            for role in documents(f"{name}.yml")
        ]
        role = f"harvester-network-{name}"
        assert places == [("ClusterRole", role, None), *(("Role", role, place) for place in namespaces[name])]
        bindings = [
            item["metadata"]["namespace"]
            for item in found
            if item["kind"] == "RoleBinding" and item["metadata"]["name"] == role
        ]
        assert bindings == namespaces[name]
