# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of all modules against the cluster's API; argument spec: module_utils/cluster/_auth.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_retry_timeout:
    description:
      - For how long a request is tried again when the API does not answer, is overloaded or fails, in seconds.
      - What a webhook of Harvester refuses is never tried again.
    type: int
    default: 60
requirements:
  - collection kubernetes.core 5.0.0 or later on the controller
  - Python library kubernetes 24.2.0 or later on the controller
"""
