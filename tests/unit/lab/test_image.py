# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image the nodes have, and by what it is known in the cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lab import config, image
from lab.cli import parser
from lab.host import LabError, Progress
from lab.state import LabState


def test_each_image_has_a_key_of_its_own_that_stays() -> None:
    keys = [image.image_key(name) for name in image.SUITES]
    assert len(set(keys)) == len(keys) == 2
    assert keys == [image.image_key(name) for name in image.SUITES]


@pytest.mark.parametrize("work", [image.suite, image.image_key, lambda name: image.ensure(Progress(quiet=True), name)])
def test_an_image_that_there_is_not(work: Any) -> None:
    with pytest.raises(LabError) as error:
        work("debian11")
    assert str(error.value) == "image 'debian11': there are debian13 and debian12."


@pytest.mark.parametrize(("name", "suite"), [("debian13", "trixie"), ("debian12", "bookworm")])
def test_an_image_is_built_from_its_suite_once(
    name: str, suite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[Sequence[object]] = []

    def run(argv: Sequence[object], **_options: object) -> None:
        commands.append(argv)
        folder = Path(str(argv[-4]))
        folder.mkdir(parents=True)
        (folder / "versions.txt").write_text("network-manager 1\n")

    monkeypatch.setattr(image, "cache_root", lambda: tmp_path)
    monkeypatch.setattr(image, "mirror", lambda: "http://192.0.2.1/debian")
    monkeypatch.setattr(image, "run", run)
    built = image.ensure(Progress(quiet=True), name)
    assert image.ensure(Progress(quiet=True), name) == built
    assert built.directory == tmp_path / "image" / image.image_key(name)
    ((*_before, folder, site, _owner, last),) = commands
    assert (folder, site, last) == (str(built.directory), "http://192.0.2.1/debian", suite)


@pytest.mark.parametrize(("given", "name"), [(None, "debian13"), ("", "debian13"), ("debian12", "debian12")])
def test_the_environment_chooses_the_image(given: str | None, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARVESTER_LAB_IMAGE", raising=False)
    if given is not None:
        monkeypatch.setenv("HARVESTER_LAB_IMAGE", given)
    assert config.image_name() == name
    assert parser().parse_args(["up"]).image == name
    assert parser().parse_args(["up", "--image", "debian12"]).image == "debian12"


def test_a_lab_that_runs_with_another_image_is_another_lab() -> None:
    runs = LabState("vlan", "oob", ["node1"], None, "key")
    runs.require(LabState("vlan", "oob", ["node1"], None, ""), "default")
    with pytest.raises(LabError) as error:
        runs.require(LabState("vlan", "oob", ["node1"], None, "", image_name="debian12"), "default")
    assert str(error.value).startswith("Lab 'default' runs with image_name 'debian13', not 'debian12'.")
    # Without VMs there is no image.
    LabState("vlan", "oob", [], None, "").require(LabState("vlan", "oob", [], None, "", image_name="debian12"), "x")
