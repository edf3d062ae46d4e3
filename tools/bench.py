# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the benchmark; called by `make bench`, takes the arguments of `python -m bench`."""

from __future__ import annotations

import sys

from _common import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from bench.cli import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
