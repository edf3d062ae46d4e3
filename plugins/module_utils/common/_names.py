# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of network devices, and words that were probably meant. This module util is private to the collection.

The rules are the kernel's (dev_valid_name() in net/core/dev.c: 1 to 15 bytes, not '.' or '..', no '/', ':' or white
space), narrowed to printable ASCII. '%' is refused because the kernel reads it as a number pattern ("eth%d").
"""

from __future__ import annotations

from typing import Iterable, List, Optional

LONGEST = 15
"""Characters of a device name (IFNAMSIZ without the final zero)."""

RESERVED = ("all", "default", "bonding_masters")
"""Names that NetworkManager refuses: they mean something else in /proc/sys/net and /sys/class/net."""


def objection(name: str) -> Optional[str]:
    """What is wrong with the name of a device, as a sentence part; None when it is legal."""
    if not name:
        return "a device name must not be empty"
    if name in (".", "..") or name in RESERVED:
        return "'%s' is no device name" % name
    for character in name:
        if character.isspace():
            return "a device name must not hold white space"
        if character in "/:%":
            return "a device name must not hold '%s'" % character
        if not "!" <= character <= "~":
            return "a device name must be printable ASCII, not %r" % character
    if len(name) > LONGEST:
        return "a device name has at most %d characters, this one has %d" % (LONGEST, len(name))
    return None


def vlan_device(parent: str, vid: int) -> str:
    """The kernel's name of a VLAN device without a name of its own. Raises ValueError when it does not fit."""
    name = "%s.%d" % (parent, vid)
    wrong = objection(name)
    if wrong:
        raise ValueError("VLAN device '%s': %s" % (name, wrong))
    return name


def near(word: str, known: Iterable[str], count: int = 3) -> List[str]:
    """The known words that are like ``word``, best first."""
    import difflib  # needed in messages only, and modules start on every node in every task

    lower = {_folded(choice): choice for choice in sorted(set(known), reverse=True)}
    wanted = _folded(word)
    # A NIC that was renamed often only got a suffix: ens1, ens1np0.
    # The shortest addition is the likeliest: secondary_vlan means secondary_vlans.
    begins = sorted(
        (name for name in lower if len(wanted) > 2 and name.startswith(wanted)), key=lambda name: (len(name), name)
    )
    found = begins + [
        name for name in difflib.get_close_matches(wanted, list(lower), n=count, cutoff=0.6) if name not in begins
    ]
    return [lower[name] for name in found[:count]]


def _folded(word: str) -> str:
    return word.lower().replace("-", "_")


def suggest(word: str, known: Iterable[str]) -> str:
    """ "did you mean 'miimon'?", or an empty text when nothing known is like the word."""
    found = near(word, known, 1)
    return "did you mean '%s'?" % found[0] if found else ""
