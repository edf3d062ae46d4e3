# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs printed and files held on real nodes (Debian 13, Linux 6.12, iproute2 6.15, NetworkManager 1.52)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Captured:
    """A node played back: ``run`` answers as its programs did, ``root`` has its files.

    links_node: Harvester's five devices, a VM's veth, an agent's ids and VLAN device, a VIP, foreign routes.
    links_lacp: two bonds that are each other's LACP partner, and one with ARP monitoring.
    """

    def __init__(self, name: str, root: Path) -> None:
        text = (Path(__file__).parent / "fixtures" / f"{name}.json").read_text(encoding="utf-8")
        self.data: dict[str, Any] = json.loads(text)
        self.root = root
        self.calls: list[str] = []
        for path, content in self.data["files"].items():
            self.write(path, content)

    def write(self, path: str, content: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")

    def output(self, command: str) -> str:
        return json.dumps(self.data["commands"][command])

    def run(self, argv: Sequence[str]) -> tuple[int, str, str]:
        self.calls.append(" ".join(argv))
        if argv[0] == "nmcli":
            return 0, "".join(line + "\n" for line in self.data["nmcli"]), ""
        return 0, self.output(self.calls[-1]), ""
