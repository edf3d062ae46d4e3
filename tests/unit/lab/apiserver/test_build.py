# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs the cluster takes, and what the build depends on."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from lab.apiserver import build


def program(folder: Path, name: str, says: str) -> Path:
    """A stand-in for a program, which only tells its version."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two empty folders: KUBEBUILDER_ASSETS, and the whole PATH besides the system's."""
    assets, path = tmp_path / "assets", tmp_path / "path"
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    monkeypatch.setattr(build, "which", lambda name: str(path / name) if (path / name).exists() else None)
    return assets, path


def test_assets_come_before_the_path(folders: tuple[Path, Path]) -> None:
    assets, path = folders
    assert build.find("kube-apiserver") is None
    on_path = program(path, "kube-apiserver", "Kubernetes v1.35.9")
    assert build.find("kube-apiserver") == on_path
    given = program(assets, "kube-apiserver", "Kubernetes v1.35.0")
    assert build.find("kube-apiserver") == given


@pytest.mark.parametrize(
    "says", ["Kubernetes v1.34.4", "Kubernetes v1.36.0", "Kubernetes v0.0.0-master+$Format:%H$", ""]
)
def test_another_line_of_kubernetes_is_not_taken(folders: tuple[Path, Path], says: str) -> None:
    program(folders[1], "kube-apiserver", says)
    assert build.find("kube-apiserver") is None


def test_kubectl_is_asked_in_its_own_way(folders: tuple[Path, Path]) -> None:
    path = folders[1] / "kubectl"
    program(folders[1], "kubectl", "")
    path.write_text('#!/bin/sh\n[ "$*" = "version --client" ] && echo "Client Version: v1.35.4"\n')
    assert build.find("kubectl") == path


def test_a_file_that_cannot_run_is_no_program(folders: tuple[Path, Path]) -> None:
    path = program(folders[1], "kube-apiserver", "Kubernetes v1.35.4")
    path.chmod(0o644)
    assert os.access(path, os.X_OK) is False
    assert build.find("kube-apiserver") is None


@pytest.mark.parametrize(
    ("shown", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("go version go1.19.8 linux/amd64", (1, 19)),
        ("go version go1.25rc1 linux/amd64", (1, 25)),
        ("command not found", (0, 0)),
    ],
)
def test_the_version_of_go(shown: str, version: tuple[int, int]) -> None:
    assert build.go_version(shown) == version


def go_mod() -> str:
    return (build.MODULE / "go.mod").read_text()


def test_the_version_is_that_of_the_module() -> None:
    assert re.findall(r"k8s\.io/kubernetes (v\S+)", go_mod()) == [build.VERSION]
    assert f"-X k8s.io/component-base/version.gitVersion={build.VERSION}" in build.flags()[-1]


def test_every_staging_module_has_the_version_that_belongs_to_kubernetes() -> None:
    versions = set(re.findall(r"=> k8s\.io/\S+ (v\S+)", go_mod()))
    assert versions == {build.VERSION.replace("v1.", "v0.")}


def test_the_module_names_each_program() -> None:
    assert re.findall(r"^\tk8s\.io/kubernetes/cmd/(\S+)$", go_mod(), re.M) == sorted(build.PROGRAMS)


def test_the_key_follows_the_inputs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_bytes((build.MODULE / name).read_bytes())
    before = build.key()
    monkeypatch.setattr(build, "MODULE", tmp_path)
    assert build.key() == before
    with (tmp_path / "go.sum").open("a") as file:
        file.write("another\n")
    changed = build.key()
    assert changed != before
    monkeypatch.setattr(build, "VERSION", "v1.35.5")
    assert build.key() not in (before, changed)
