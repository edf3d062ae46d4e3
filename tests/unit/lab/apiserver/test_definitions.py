# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CustomResourceDefinitions against what upstream serves: group, version, scope, names, subresources, requirements.

Read from network-controller-harvester v1.8.2, harvester v1.8.2 (its charts), KubeVirt 1.7, Longhorn 1.11 and multus.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import yaml

from lab.apiserver.cluster import CRDS


class Upstream(NamedTuple):
    """One kind. ``subresources``: "none" (the field is absent), "empty" (declared, nothing in it), or "status"."""

    version: str
    kind: str
    scope: str
    singular: str
    short: tuple[str, ...]
    subresources: str
    required: tuple[str, ...]


UPSTREAM = {
    "clusternetworks.network.harvesterhci.io": Upstream(
        "v1beta1", "ClusterNetwork", "Cluster", "clusternetwork", ("cn", "cns"), "none", ()
    ),
    "vlanconfigs.network.harvesterhci.io": Upstream(
        "v1beta1", "VlanConfig", "Cluster", "vlanconfig", ("vc", "vcs"), "empty", ("spec",)
    ),
    "vlanstatuses.network.harvesterhci.io": Upstream(
        "v1beta1", "VlanStatus", "Cluster", "vlanstatus", ("vs", "vss"), "empty", ("status",)
    ),
    "linkmonitors.network.harvesterhci.io": Upstream(
        "v1beta1", "LinkMonitor", "Cluster", "linkmonitor", ("lm", "lms"), "none", ("spec",)
    ),
    "hostnetworkconfigs.network.harvesterhci.io": Upstream(
        "v1beta1", "HostNetworkConfig", "Cluster", "hostnetworkconfig", ("hnc", "hncs"), "status", ("spec",)
    ),
    "network-attachment-definitions.k8s.cni.cncf.io": Upstream(
        "v1",
        "NetworkAttachmentDefinition",
        "Namespaced",
        "network-attachment-definition",
        ("net-attach-def",),
        "none",
        (),
    ),
    "settings.harvesterhci.io": Upstream("v1beta1", "Setting", "Cluster", "setting", (), "empty", ()),
    "upgrades.harvesterhci.io": Upstream("v1beta1", "Upgrade", "Namespaced", "upgrade", (), "none", ("spec",)),
    "virtualmachines.kubevirt.io": Upstream(
        "v1", "VirtualMachine", "Namespaced", "virtualmachine", ("vm", "vms"), "status", ("spec",)
    ),
    "virtualmachineinstances.kubevirt.io": Upstream(
        "v1", "VirtualMachineInstance", "Namespaced", "virtualmachineinstance", ("vmi", "vmis"), "none", ("spec",)
    ),
    "virtualmachineinstancemigrations.kubevirt.io": Upstream(
        "v1",
        "VirtualMachineInstanceMigration",
        "Namespaced",
        "virtualmachineinstancemigration",
        ("vmim", "vmims"),
        "status",
        ("spec",),
    ),
    "virtualmachinebackups.harvesterhci.io": Upstream(
        "v1beta1",
        "VirtualMachineBackup",
        "Namespaced",
        "virtualmachinebackup",
        ("vmbackup", "vmbackups"),
        "none",
        ("spec",),
    ),
    "schedulevmbackups.harvesterhci.io": Upstream(
        "v1beta1",
        "ScheduleVMBackup",
        "Namespaced",
        "schedulevmbackup",
        ("svmbackup", "svmbackups"),
        "none",
        ("spec",),
    ),
    "virtualmachineimages.harvesterhci.io": Upstream(
        "v1beta1",
        "VirtualMachineImage",
        "Namespaced",
        "virtualmachineimage",
        ("vmimage", "vmimages"),
        "none",
        ("spec",),
    ),
    "recurringjobs.longhorn.io": Upstream(
        "v1beta2", "RecurringJob", "Namespaced", "recurringjob", ("lhrj",), "status", ()
    ),
    "replicas.longhorn.io": Upstream("v1beta2", "Replica", "Namespaced", "replica", ("lhr",), "status", ()),
    "settings.longhorn.io": Upstream("v1beta2", "Setting", "Namespaced", "setting", ("lhs",), "status", ("value",)),
    "volumes.longhorn.io": Upstream("v1beta2", "Volume", "Namespaced", "volume", ("lhv",), "status", ()),
    "engines.longhorn.io": Upstream("v1beta2", "Engine", "Namespaced", "engine", ("lhe",), "status", ()),
    "nodes.longhorn.io": Upstream("v1beta2", "Node", "Namespaced", "node", ("lhn",), "status", ()),
    "ippools.whereabouts.cni.cncf.io": Upstream("v1alpha1", "IPPool", "Namespaced", "ippool", (), "none", ()),
}
FILES = {path.name.removesuffix(".yaml"): path for path in CRDS.glob("*.yaml")}
KEEPS_UNKNOWN = {
    "virtualmachines.kubevirt.io",
    "virtualmachineinstances.kubevirt.io",
    "virtualmachineinstancemigrations.kubevirt.io",
    "virtualmachinebackups.harvesterhci.io",
    "schedulevmbackups.harvesterhci.io",
    "virtualmachineimages.harvesterhci.io",
    "recurringjobs.longhorn.io",
    "replicas.longhorn.io",
    "volumes.longhorn.io",
    "engines.longhorn.io",
    "nodes.longhorn.io",
}
"""Kinds of which only some fields are described; the rest must not be pruned. All others are described in full."""


def load(name: str) -> Any:
    return yaml.safe_load(FILES[name].read_text())


def test_every_kind_has_its_file() -> None:
    assert sorted(FILES) == sorted(UPSTREAM)


@pytest.mark.parametrize("name", sorted(UPSTREAM))
def test_a_kind_is_served_as_upstream_serves_it(name: str) -> None:
    definition = load(name)
    spec, names = definition["spec"], definition["spec"]["names"]
    version = spec["versions"][0]
    assert definition["metadata"]["name"] == name == f"{names['plural']}.{spec['group']}"
    assert (version["served"], version["storage"]) == (True, True)
    declared = version.get("subresources")
    found = Upstream(
        version["name"],
        names["kind"],
        spec["scope"],
        names["singular"],
        tuple(names.get("shortNames", ())),
        "none"
        if declared is None
        else "status"
        if declared == {"status": {}}
        else "empty"
        if not declared
        else "other",
        tuple(version["schema"]["openAPIV3Schema"].get("required", ())),
    )
    assert found == UPSTREAM[name]
    assert names["listKind"] == f"{names['kind']}List"


def unknown_kept(schema: Any) -> bool:
    if isinstance(schema, dict):
        return bool(schema.get("x-kubernetes-preserve-unknown-fields")) or any(map(unknown_kept, schema.values()))
    return False


@pytest.mark.parametrize("name", sorted(UPSTREAM))
def test_only_kinds_that_are_described_in_part_keep_unknown_fields(name: str) -> None:
    versions = load(name)["spec"]["versions"]
    assert {unknown_kept(version["schema"]) for version in versions} == {name in KEEPS_UNKNOWN}
