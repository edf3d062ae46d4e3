# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m lab.harvester``: the stand-in itself (a service of the lab), and its agents' switch.

run DIRECTORY               serve until SIGTERM; the folder has settings.json
agent DIRECTORY NODE off    the node's agent does nothing any more, and hears of nothing
agent DIRECTORY NODE on     it starts again
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..host import LabError
from . import process
from .settings import Control


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m lab.harvester", description="The stand-in for Harvester.")
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve until SIGTERM")
    run.add_argument("directory", type=Path)
    agent = commands.add_parser("agent", help="stop or start the agent of a node")
    agent.add_argument("directory", type=Path)
    agent.add_argument("node")
    agent.add_argument("what", choices=["on", "off"])
    return top


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code."""
    args = parser().parse_args(argv)
    try:
        if args.command == "run":
            process.main(args.directory)
        elif args.what == "off":
            Control(args.directory).stop_agent(args.node)
        else:
            Control(args.directory).start_agent(args.node)
    except LabError as error:
        print(f"harvester: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
