# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m lab.harvester run DIRECTORY``: the stand-in, a service of the lab; the folder has settings.json."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..host import LabError
from .process import main as run


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab.harvester", description="The stand-in for Harvester.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve until SIGTERM").add_argument("directory", type=Path)
    args = parser.parse_args(argv)
    try:
        run(args.directory)
    except LabError as error:
        print(f"harvester: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
