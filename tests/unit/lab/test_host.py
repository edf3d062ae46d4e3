# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab asks of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.host import CLUSTER_PACKAGES, PACKAGES, LabError, missing_packages, require_tun


def test_a_tun_device_that_the_user_cannot_open_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "tun"
    require_tun(str(device))  # what the kernel lacks altogether is looked for elsewhere
    device.touch()
    require_tun(str(device))
    monkeypatch.setattr(os, "access", lambda *_words: False)
    with pytest.raises(LabError) as error:
        require_tun(str(device))
    assert str(error.value) == (
        f"{device} cannot be opened by this user, as whom the nodes run. Give it the mode that udev gives it"
        f" ('sudo chmod 0666 {device}'), or run as root."
    )


def test_a_lab_without_nodes_needs_few_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.host.which", lambda _program: None)
    assert missing_packages(CLUSTER_PACKAGES) == ["dpkg", "iproute2", "openssl", "util-linux"]
    assert "qemu-system-x86" in missing_packages(PACKAGES)
    monkeypatch.setattr("lab.host.which", lambda program: f"/usr/bin/{program}")
    assert missing_packages(CLUSTER_PACKAGES) == []
