# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change of the management network's MTU asks of the cluster: who stops, what speaks against it, which phases.

Pure: a snapshot, the MTUs that were seen on the hosts and the wish go in. This package is private to the collection.
"""

from __future__ import annotations
