# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage as far as networks and reboots need it (chapter 5, 7.2 of the facts).

settings    changes of storage-network, rwx-network and vm-migration-network, step by step
addresses   interfaces and addresses of pods by multus and whereabouts
longhorn    Longhorn's pods, and what its setting of a network means for them
volumes     volumes, engines and replicas: attached while a pod uses them, degraded after a reboot
"""
