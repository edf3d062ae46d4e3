# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network: who uses it, what becomes of it, what speaks against a change, and when one is done.

Pure: a snapshot in, values out. This module util is private to the collection.
"""
