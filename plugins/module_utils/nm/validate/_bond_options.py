# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the bonding driver: values, and the modes in which they act.

This module util is private to the collection.
Sources: drivers/net/bonding/bond_options.c and Documentation/networking/bonding.rst of Linux, nm-settings-nmcli(5).
Where the driver itself takes an option in any mode but acts on it in some only (min_links, ad_select, xmit_hash_policy,
fail_over_mac, lp_interval), the modes in which it acts count: a setting without effect is a mistake.
"""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Tuple

from .._properties import MODES

ROUND_ROBIN, ACTIVE_BACKUP, XOR, BROADCAST, AD, TLB, ALB = MODES

INT_MAX = 2147483647
MIIMON = 100
"""Milliseconds: what NetworkManager takes when neither miimon nor ARP monitoring is set."""

ARP_MODES = (ROUND_ROBIN, ACTIVE_BACKUP, XOR, BROADCAST)
PRIMARY_MODES = (ACTIVE_BACKUP, TLB, ALB)


class BondOption(NamedTuple):
    """One option: its words or its range (both ends included), the modes in which it acts (empty: all), its default."""

    default: Any
    words: Tuple[str, ...] = ()
    least: Optional[int] = None
    most: Optional[int] = None
    modes: Tuple[str, ...] = ()
    unit: str = ""


OPTIONS: Dict[str, BondOption] = {
    "miimon": BondOption(MIIMON, least=0, most=INT_MAX, unit=" ms"),
    "updelay": BondOption(0, least=0, most=INT_MAX, unit=" ms"),
    "downdelay": BondOption(0, least=0, most=INT_MAX, unit=" ms"),
    "peer_notif_delay": BondOption(0, least=0, most=300000, unit=" ms"),
    "use_carrier": BondOption(True),
    "primary": BondOption(None, modes=PRIMARY_MODES),
    "primary_reselect": BondOption("always", words=("always", "better", "failure"), modes=PRIMARY_MODES),
    "fail_over_mac": BondOption("none", words=("none", "active", "follow"), modes=(ACTIVE_BACKUP,)),
    "num_grat_arp": BondOption(1, least=0, most=255),
    "num_unsol_na": BondOption(1, least=0, most=255),
    "resend_igmp": BondOption(1, least=0, most=255),
    "all_slaves_active": BondOption(False),
    "min_links": BondOption(0, least=0, most=INT_MAX, modes=(AD,)),
    "xmit_hash_policy": BondOption(
        "layer2",
        words=("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"),
        modes=(XOR, AD, TLB),
    ),
    "lp_interval": BondOption(1, least=1, most=INT_MAX, modes=(TLB, ALB), unit=" s"),
    "packets_per_slave": BondOption(1, least=0, most=65535, modes=(ROUND_ROBIN,)),
    "tlb_dynamic_lb": BondOption(True, modes=(TLB, ALB)),
    "lacp_rate": BondOption("slow", words=("slow", "fast"), modes=(AD,)),
    "ad_select": BondOption("stable", words=("stable", "bandwidth", "count"), modes=(AD,)),
    "ad_actor_sys_prio": BondOption(65535, least=1, most=65535, modes=(AD,)),
    "ad_actor_system": BondOption(None, modes=(AD,)),
    "ad_user_port_key": BondOption(0, least=0, most=1023, modes=(AD,)),
    "arp_interval": BondOption(0, least=0, most=INT_MAX, modes=ARP_MODES, unit=" ms"),
    "arp_ip_target": BondOption(None, modes=ARP_MODES),
    "arp_validate": BondOption(
        "none",
        words=("none", "active", "backup", "all", "filter", "filter_active", "filter_backup"),
        modes=ARP_MODES,
    ),
    "arp_all_targets": BondOption("any", words=("any", "all"), modes=(ACTIVE_BACKUP,)),
}

ARP_TARGETS = 16
"""BOND_MAX_ARP_TARGETS."""
