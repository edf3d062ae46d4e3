# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power of VMs: which are stopped, started or moved, what speaks against it, and what is missing still.

Pure but for _run: a snapshot in, the next writes and the missing parts out, look by look, so that every write is made
from a list that was read right before it. Sources: KubeVirt pkg/virt-controller/watch, HV pkg/api/vm.
"""
