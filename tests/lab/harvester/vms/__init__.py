# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KubeVirt as far as networks, power and reboots need it (chapter 6 of the facts).

lifecycle    VMs and their instances by run strategy; guests that shut down, are killed, end by themselves
instances    an instance as it is made, and what its conditions say
launchers    virt-launcher pods: one per instance that has a node, two while it migrates
migrations   live migrations, also those that an eviction asks for
"""
