# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots that respect the cluster: what must hold before the next node.

Pure but for _wait: a snapshot in, what is waited for out. This module util is private to the collection.
"""
