# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs, in bytes. This module util is private to the collection.

0 or nothing reads as 1500 everywhere: an installation with MTU 0 writes no mtu line, and Harvester's webhooks compare
the same way. The bounds 576 and 9000 are those of Harvester's webhook for configurations of cluster networks.
"""

from __future__ import annotations

from typing import Any, Optional

from ._errors import NetworkError

DEFAULT = 1500
MINIMUM = 576
MAXIMUM = 9000


class MtuError(NetworkError, ValueError):
    """An MTU that is no number, or out of bounds."""


def number(mtu: Any) -> int:
    """The MTU as an integer; 0 for None and for an empty text. Values of ``-e`` come as text. Raises MtuError."""
    if mtu is None:
        return 0
    text = str(mtu).strip()
    if not text:
        return 0
    if isinstance(mtu, (bool, float)) or not text.isascii() or not text.lstrip("-").isdigit():
        raise MtuError("MTU %r is not a whole number of bytes" % (mtu,))
    return int(text)


def effective(mtu: Any) -> int:
    """The MTU that a device gets: 1500 for 0 and None. Raises MtuError for what is no number."""
    return number(mtu) or DEFAULT


def equal(one: Any, other: Any) -> bool:
    """Whether two MTUs mean the same: 0, None, "1500" and 1500 do."""
    return effective(one) == effective(other)


def objection(mtu: Any, minimum: int = MINIMUM, maximum: int = MAXIMUM) -> Optional[str]:
    """What is wrong with an MTU, as a sentence part; None when it is 0 (the default) or within the bounds."""
    try:
        value = number(mtu)
    except MtuError:
        return "it is not a whole number of bytes"
    if value == 0 or minimum <= value <= maximum:
        return None
    return "the MTU must be 0 (meaning %d) or within %d..%d bytes" % (DEFAULT, minimum, maximum)


def check(mtu: Any, minimum: int = MINIMUM, maximum: int = MAXIMUM) -> int:
    """The effective MTU of a value within the bounds. Raises MtuError otherwise."""
    wrong = objection(mtu, minimum, maximum)
    if wrong:
        raise MtuError("MTU %s: %s" % (mtu, wrong))
    return effective(mtu)
