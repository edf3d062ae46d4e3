# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs of devices that no profile owns: what is planned, what is refused, what is read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.host._link_mtu import apply, plan

Run = Callable[[Sequence[str]], tuple[int, str, str]]


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    for name, mtu in (("flannel.1", 1450), ("mgmt-br.2030", 1500)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mtu").write_text(f"{mtu}\n")
    return tmp_path


def kernel(sysfs: Path, log: list[str], answer: tuple[int, str, str] = (0, "", ""), takes: bool = True) -> Run:
    def run(argv: Sequence[str]) -> tuple[int, str, str]:
        log.append(" ".join(argv))
        if takes:
            (sysfs / argv[4] / "mtu").write_text(argv[6] + "\n")
        return answer

    return run


def test_only_what_differs_is_set(sysfs: Path) -> None:
    planned = plan([{"name": "flannel.1", "mtu": 8950}, {"name": "mgmt-br.2030", "mtu": 1500}], str(sysfs))
    assert planned == [
        {"name": "flannel.1", "before": 1450, "after": 8950},
        {"name": "mgmt-br.2030", "before": 1500, "after": 1500},
    ]
    log: list[str] = []
    apply(planned, kernel(sysfs, log), str(sysfs))
    assert log == ["ip link set dev flannel.1 mtu 8950"]


REFUSED = {
    "no such device": (
        [{"name": "flannel.2", "mtu": 1450}],
        "device 'flannel.2': the node has no such device; leave it out",
    ),
    "too large": (
        [{"name": "flannel.1", "mtu": 9001}],
        "device 'flannel.1': mtu=9001: the MTU must be within 526..9000 bytes",
    ),
    "too small, and another": (
        [{"name": "flannel.1", "mtu": 525}, {"name": "x", "mtu": 1450}],
        "\n".join(
            (
                "device 'flannel.1': mtu=525: the MTU must be within 526..9000 bytes",
                "device 'x': the node has no such device; leave it out",
            )
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(sysfs: Path, name: str) -> None:
    links, message = REFUSED[name]
    with pytest.raises(NetworkError) as error:
        plan(links, str(sysfs))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (2, "", "RTNETLINK answers: Numerical result out of range\n"),
            "RTNETLINK answers: Numerical result out of range",
        ),
        ((0, "", ""), "no message"),
    ],
    ids=["refused", "not taken"],
)
def test_what_the_kernel_does_not_take_is_told(sysfs: Path, answer: tuple[int, str, str], said: str) -> None:
    planned = plan([{"name": "flannel.1", "mtu": 8950}], str(sysfs))
    with pytest.raises(NetworkError) as error:
        apply(planned, kernel(sysfs, [], answer, takes=False), str(sysfs))
    assert str(error.value) == (
        f"device 'flannel.1': MTU 1450 instead of 8950 after 'ip link set dev flannel.1 mtu 8950' ({said}); see the MTU"
        " of the device below it"
    )
