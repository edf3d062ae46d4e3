# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of the node modules against a loop of community.general.nmcli, on real nodes, in one run."""

from __future__ import annotations


class BenchError(Exception):
    """The benchmark cannot go on; the text says what and what to do about it. Never about a timing."""
