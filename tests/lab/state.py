# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of ``up``, kept in a file while the lab runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .config import DEFAULT_IMAGE
from .host import LabError
from .layout import LayoutName, SshPath

FILE = "lab.json"


@dataclass
class LabState:
    """The wishes that a running lab was started with."""

    layout: LayoutName
    ssh_over: SshPath
    nodes: list[str]
    witness: str | None
    image: str
    cluster: bool = False
    """An API runs; started by ``up --cluster``, also in a lab that runs already."""
    harvester: str = ""
    """The version of Harvester that is played beside the API, '' for none."""
    seed: str = ""
    """What the API was seeded with (see ``apiserver/seed.py``), '' without one."""
    image_name: str = DEFAULT_IMAGE
    """Of the nodes; ``image`` is the key of that image in the cache."""
    complete: bool = False
    """Set once ``up`` has ended well."""

    @classmethod
    def load(cls, directory: Path, name: str) -> LabState:
        """The state of lab ``name``. Raises LabError when it is down."""
        try:
            return cls(**json.loads((directory / FILE).read_text()))
        except OSError as error:
            raise LabError(f"Lab {name!r} is down. 'python -m lab up' starts it.") from error

    def save(self, directory: Path) -> None:
        (directory / FILE).write_text(json.dumps(asdict(self)))

    def require(self, wanted: LabState, name: str) -> None:
        """Raises LabError when nodes and network are others than the wanted ones."""
        names = ("layout", "ssh_over", "nodes", "witness", *(["image_name"] if self.nodes else []))
        other = [
            f"{key} {getattr(self, key)!r}, not {getattr(wanted, key)!r}"
            for key in names
            if getattr(self, key) != getattr(wanted, key)
        ]
        if other:
            raise LabError(
                f"Lab {name!r} runs with {'; '.join(other)}. 'python -m lab down' ends it; another lab beside it: "
                "HARVESTER_LAB=NAME."
            )

    def require_cluster(self, harvester: str, seed: str, name: str) -> None:
        """Raises LabError when the API plays another version of Harvester, or was seeded otherwise."""
        other = [f"plays Harvester {self.harvester or 'none'}, not {harvester or 'none'}"] * (
            self.harvester != harvester
        )
        other += [f"has an API seeded as {self.seed!r}, not {seed!r}"] * (self.seed != seed)
        if other:
            raise LabError(
                f"Lab {name!r} {'; '.join(other)}. 'python -m lab down --cluster' ends its API, 'python -m lab down' "
                "ends all; another lab beside it: HARVESTER_LAB=NAME."
            )
