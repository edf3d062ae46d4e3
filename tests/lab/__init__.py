# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: three Harvester-like nodes with real kernels, in a network namespace of their own.

On the command line ``python -m lab up``; in tests::

    from lab import Lab

    lab = Lab().up()
    lab["node1"].run("bridge vlan show")
    lab.restore()
"""

from .core import Lab
from .host import LabError, Progress
from .node import CommandError, Node

__all__ = ["CommandError", "Lab", "LabError", "Node", "Progress"]
