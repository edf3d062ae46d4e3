# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that run on a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._qemu import Guest, guests, parse

KVM = "/usr/bin/qemu-system-x86_64"

CASES: dict[str, tuple[list[str], Guest | None]] = {
    "KubeVirt": (
        [KVM, "-name", "guest=default_vm1,debug-threads=on", "-S", ""],
        Guest(7, "default", "vm1", "default_vm1"),
    ),
    "a name with a point and a dash": (
        ["/usr/libexec/qemu-kvm", "-name", "debug-threads=on,guest=team-a_db.primary-0"],
        Guest(7, "team-a", "db.primary-0", "team-a_db.primary-0"),
    ),
    "Arm": (["qemu-system-aarch64", "-name", "guest=a_b"], Guest(7, "a", "b", "a_b")),
    "a name alone": ([KVM, "-name", "plain"], Guest(7, "", "", "plain")),
    "not KubeVirt's": ([KVM, "-name", "guest=plain,process=x"], Guest(7, "", "", "plain")),
    "without a name": ([KVM, "-m", "512"], Guest(7, "", "", "")),
    "a name that is missing": ([KVM, "-name"], Guest(7, "", "", "")),
    "an empty command line, as of a kernel thread": ([""], None),
    "nothing": ([], None),
    "a tool that has it as an argument": (["grep", "qemu-system-x86_64"], None),
    "an image tool": (["/usr/bin/qemu-img", "convert"], None),
    "the guest agent": (["/usr/bin/qemu-ga", "-name", "x"], None),
    "libvirt": (["/usr/sbin/virtqemud", "-t", "30"], None),
    "a wrapper": (["/usr/bin/virt-launcher-monitor", "--", KVM], None),
    "a name that only begins so": (["/opt/myqemu-kvm"], None),
    "a folder of that name": (["/opt/qemu-system-x86_64/bin/run"], None),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_parse(name: str) -> None:
    words, expected = CASES[name]
    assert parse(7, words) == expected


def _process(proc: Path, pid: str, *words: str) -> Path:
    (proc / pid).mkdir()
    file = proc / pid / "cmdline"
    file.write_bytes(b"".join(word.encode("latin-1") + b"\0" for word in words))
    return file


def test_guests_of_a_host(tmp_path: Path) -> None:
    _process(tmp_path, "100", KVM, "-name", "guest=a_two")
    _process(tmp_path, "20", KVM, "-name", "guest=a_one")
    _process(tmp_path, "3", "/bin/sh")
    _process(tmp_path, "4")
    # Not a process, and none that a path has to be looked up for.
    _process(tmp_path, "self", KVM, "-name", "guest=a_self")
    # Bytes that are no text.
    _process(tmp_path, "101", KVM, "-name", "guest=a_\xff")
    # It ended between the two looks.
    (tmp_path / "5").mkdir()
    assert guests(str(tmp_path)) == [
        Guest(20, "a", "one", "a_one"),
        Guest(100, "a", "two", "a_two"),
        Guest(101, "a", "\ufffd", "a_\ufffd"),
    ]


def test_this_host_can_be_read() -> None:
    assert isinstance(guests(), list)
