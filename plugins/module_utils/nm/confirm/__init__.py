# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commit-confirm: what a node looked like before a change, and the way back unless somebody confirms.

This module util is private to the collection. _manifest.py says what is recorded, _store.py how it lies on the disk,
_record.py reads it from the node, _units.py and _program.py are what systemd runs, _checkpoint.py is the whole.
"""
