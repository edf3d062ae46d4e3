# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules' options mean for the objects of the cluster. This module util is private to the collection.

Pure: a snapshot and the options as given in, the steps of a plan out. Omitted is untouched, null is the default again.
A file per module; options and objects meet in tables.
"""
