# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has on disk, read below a folder of the test's."""

from __future__ import annotations

import pathlib

import pytest
from harvester_profiles import FIVE

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _host
from ansible_collections.harvester.network.plugins.module_utils.nm._host_support import refusals

ETC = "etc/NetworkManager/system-connections"


def put(root: pathlib.Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def test_keyfiles_are_found_by_id_and_backups_are_none(tmp_path: pathlib.Path) -> None:
    put(tmp_path, f"{ETC}/bond-mgmt.nmconnection", FIVE["bond-mgmt"])
    put(tmp_path, f"{ETC}/without-suffix", FIVE["vlan-mgmt"])
    put(tmp_path, f"{ETC}/.hidden.nmconnection", "broken")
    put(tmp_path, f"{ETC}/backup.nmconnection~", "broken")
    put(tmp_path, "usr/lib/NetworkManager/system-connections/no-suffix", "broken")
    disk = _host.read_disk(str(tmp_path))
    assert {name: item.path for name, item in disk.stored.items()} == {
        "bond-mgmt": f"/{ETC}/bond-mgmt.nmconnection",
        "vlan-mgmt": f"/{ETC}/without-suffix",
    }
    assert disk.doubles == {}


def test_etc_hides_run_and_two_files_of_one_id_are_told(tmp_path: pathlib.Path) -> None:
    put(tmp_path, f"{ETC}/a.nmconnection", FIVE["bond-mgmt"])
    put(tmp_path, f"{ETC}/b.nmconnection", FIVE["bond-mgmt"])
    put(tmp_path, "run/NetworkManager/system-connections/c.nmconnection", FIVE["bond-mgmt"])
    disk = _host.read_disk(str(tmp_path))
    assert disk.stored["bond-mgmt"].persistent
    assert disk.doubles == {"bond-mgmt": [f"/{ETC}/a.nmconnection", f"/{ETC}/b.nmconnection"]}


def test_networkmanagers_mirror_of_a_foreign_device_is_no_profile(tmp_path: pathlib.Path) -> None:
    text = "[connection]\nid=mgmt-br.2030\ntype=vlan\n\n[.nmmeta]\nnm-generated=true\nvolatile=true\nexternal=true\n"
    put(tmp_path, "run/NetworkManager/system-connections/mgmt-br.2030.nmconnection", text)
    assert _host.read_disk(str(tmp_path)).stored == {}


@pytest.mark.parametrize("name", ["", "../x", ".x", "x~"])
def test_an_id_that_cannot_be_a_file_name_is_refused(name: str) -> None:
    with pytest.raises(NetworkError, match="the id cannot be a file name"):
        _host.new_path(name)


MOUNTS = """21 1 254:0 / / rw,relatime - {root} /dev/vda rw
40 21 254:3 /state /etc/NetworkManager rw,relatime shared:7 - ext4 /dev/vda rw
"""


def test_support_is_judged_without_a_process(tmp_path: pathlib.Path) -> None:
    put(tmp_path, "etc/os-release", 'NAME="SL-Micro"\nPRETTY_NAME="Harvester v1.8.2"\n')
    put(tmp_path, "etc/harvester-release.yaml", "harvester: v1.8.2\n")
    put(tmp_path, "proc/self/mountinfo", MOUNTS.format(root="overlay"))
    facts = _host.read_support(str(tmp_path))
    assert (facts.os_name, facts.harvester_version, facts.wicked) == ("Harvester v1.8.2", "v1.8.2", False)
    assert refusals(facts) == []
    put(tmp_path, "proc/self/mountinfo", MOUNTS.format(root="overlay").split("\n")[0])
    (problem,) = refusals(_host.read_support(str(tmp_path)))
    assert "overlay" in str(problem)


def test_an_old_harvester_is_refused(tmp_path: pathlib.Path) -> None:
    put(tmp_path, "etc/os-release", 'PRETTY_NAME="Harvester v1.6.1"\n')
    (problem,) = refusals(_host.read_support(str(tmp_path)))
    assert "1.7" in str(problem)
