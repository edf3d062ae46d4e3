# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules against the cluster's API share towards AnsibleModule. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..common._module import GivenModule
from ._auth import API_ARGSPEC, AUTH_ARGSPEC
from ._client import Client
from ._read import read_snapshot
from ._secrets import secrets_of
from ._transport import Transport

__all__ = ["ClusterModule", "read_snapshot"]


class ClusterModule(GivenModule):
    """Module on the controller, with kubernetes.core's authentication options."""

    def __init__(self, argument_spec: Mapping[str, Any], **kwargs: Any) -> None:
        spec: Dict[str, Any] = {**AUTH_ARGSPEC, **API_ARGSPEC, **argument_spec}
        super().__init__(argument_spec=spec, supports_check_mode=True, **kwargs)
        self.no_log_values.update(secrets_of(self.params.get("kubeconfig")))

    def client(self) -> Client:
        """Raises MissingLibrary."""
        return Client(Transport(self.params), retry_timeout=self.params["api_retry_timeout"])
