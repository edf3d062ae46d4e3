# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On which hosts a proof on the wire could not be made. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STEPS = ("path_proof_endpoints", "path_proof_answer", "path_proof_removed")
"""What role path_proof registers on each host, in the order of its tasks."""
AWAY = "did not answer while the paths were proved; see its console"


def failures(variables: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A dict with host, lost and why for each host that was lost or refused.

    variables: by host, with the results of STEPS as far as there are any.
    """
    found = []
    for host, known in variables.items():
        results = [known[name] for name in STEPS if name in known]
        lost = any(result.get("unreachable") for result in results)
        refusals = dict.fromkeys(str(result.get("msg", "no message")) for result in results if result.get("failed"))
        if lost or refusals:
            found.append({"host": host, "lost": lost, "why": f"{host}: {AWAY if lost else '; '.join(refusals)}"})
    return found
