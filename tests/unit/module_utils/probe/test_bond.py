# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bonds as files of the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.probe._bond import Bond, BondFiles, Port, down, why_down


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / "sys/class/net" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


ACTIVE_BACKUP = {
    "mgmt-bo/bonding/mode": "active-backup 1\n",
    "mgmt-bo/bonding/slaves": "eno2 eno1\n",
    "mgmt-bo/bonding/active_slave": "eno1\n",
    "mgmt-bo/bonding/xmit_hash_policy": "layer2 0\n",
    "mgmt-bo/bonding/ad_aggregator": "\n",
    "eno1/carrier": "1\n",
    "eno1/bonding_slave/mii_status": "up\n",
    "eno1/bonding_slave/ad_aggregator_id": "N/A\n",
    "eno2/carrier": "0\n",
    "eno2/bonding_slave/mii_status": "going back\n",
}


def test_active_backup(tmp_path: Path) -> None:
    write(tmp_path, ACTIVE_BACKUP)
    assert BondFiles(str(tmp_path)).read("mgmt-bo") == Bond(
        "mgmt-bo",
        "active-backup",
        (Port("eno2", False, "going back"), Port("eno1", True, "up")),
        "eno1",
        "layer2",
    )


def test_lacp(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "bo/bonding/mode": "802.3ad 4\n",
            "bo/bonding/slaves": "eno1\n",
            "bo/bonding/active_slave": "\n",
            "bo/bonding/xmit_hash_policy": "layer3+4 1\n",
            "bo/bonding/ad_aggregator": "2\n",
            "eno1/carrier": "1\n",
            "eno1/bonding_slave/mii_status": "up\n",
            "eno1/bonding_slave/ad_aggregator_id": "2\n",
            "eno1/bonding_slave/ad_actor_oper_port_state": "63\n",
        },
    )
    assert BondFiles(str(tmp_path)).read("bo") == Bond(
        "bo", "802.3ad", (Port("eno1", True, "up", 2, 63),), "", "layer3+4", 2
    )


def test_no_bond_and_a_bond_without_ports(tmp_path: Path) -> None:
    files = BondFiles(str(tmp_path))
    write(tmp_path, {"eno1/carrier": "1\n", "bo/bonding/mode": "balance-rr 0\n", "bo/bonding/slaves": "\n"})
    assert files.read("nothing") is None
    assert files.read("eno1") is None
    assert files.read("bo") == Bond("bo", "balance-rr")


def test_a_port_that_is_not_set_up_has_no_carrier(tmp_path: Path) -> None:
    write(tmp_path, {"bo/bonding/mode": "balance-xor 2\n", "bo/bonding/slaves": "eno1\n"})
    bond = BondFiles(str(tmp_path)).read("bo")
    assert bond is not None
    assert down(bond) == ["eno1 (no carrier)"]


def test_the_active_port_is_read_and_written(tmp_path: Path) -> None:
    write(tmp_path, ACTIVE_BACKUP)
    files = BondFiles(str(tmp_path))
    assert files.active("mgmt-bo") == "eno1"
    files.activate("mgmt-bo", "eno2")
    assert files.active("mgmt-bo") == "eno2"


def test_a_driver_that_refuses(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        BondFiles(str(tmp_path)).activate("mgmt-bo", "eno2")
    assert str(caught.value) == "bond mgmt-bo: cannot make eno2 the active port (No such file or directory)"


LACP = Bond("bo", "802.3ad", aggregator=1)


@pytest.mark.parametrize(
    ("bond", "port", "reason"),
    [
        (Bond("bo", "active-backup"), Port("eno1"), ""),
        (Bond("bo", "active-backup"), Port("eno1", mii_status=""), ""),
        (Bond("bo", "active-backup"), Port("eno1", carrier=False, mii_status="up"), "no carrier"),
        (Bond("bo", "active-backup"), Port("eno1", mii_status="going back"), "link going back"),
        (LACP, Port("eno1", aggregator=1, lacp_state=0x3D), ""),
        (LACP, Port("eno1", aggregator=2, lacp_state=0x3D), "not in the active aggregator of LACP"),
        (LACP, Port("eno1", aggregator=1, lacp_state=0x0D), "LACP does not pass traffic yet"),
        (LACP, Port("eno1", aggregator=1, lacp_state=0x1D), "LACP does not pass traffic yet"),
        (LACP, Port("eno1", aggregator=1), ""),
    ],
)
def test_what_is_down(bond: Bond, port: Port, reason: str) -> None:
    assert why_down(bond, port) == reason
