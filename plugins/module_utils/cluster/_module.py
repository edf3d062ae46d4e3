# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules against the cluster's API share towards AnsibleModule. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping

from ..common._module import GivenModule
from ._auth import API_ARGSPEC, AUTH_ARGSPEC
from ._client import Client, Json
from ._kinds import BY_KEY
from ._secrets import secrets_of
from ._snapshot import Snapshot
from ._storage import SETTINGS
from ._transport import Transport

READ_SETTINGS = ("server-version", *SETTINGS)
"""Settings that are read, each by its name: the values of others can hold secrets, as ssl-certificates does, and an
account that may list settings reads them all."""


class ClusterModule(GivenModule):
    """Module on the controller, with kubernetes.core's authentication options."""

    def __init__(self, argument_spec: Mapping[str, Any], **kwargs: Any) -> None:
        spec: Dict[str, Any] = {**AUTH_ARGSPEC, **API_ARGSPEC, **argument_spec}
        super().__init__(argument_spec=spec, supports_check_mode=True, **kwargs)
        self.no_log_values.update(secrets_of(self.params.get("kubeconfig")))

    def client(self) -> Client:
        """Raises MissingLibrary."""
        return Client(Transport(self.params), retry_timeout=self.params["api_retry_timeout"])


def read_snapshot(client: Client, keys: Iterable[str]) -> Snapshot:
    """The cluster as it is: one list request per kind, and one get per setting of READ_SETTINGS.

    keys: of _kinds.BY_KEY. Raises ApiError.
    """
    found: Dict[str, List[Json]] = {}
    for key in keys:
        kind = BY_KEY[key]
        if key == "settings":
            settings = [client.get(kind, name) for name in READ_SETTINGS]
            found[key] = [setting for setting in settings if setting is not None]
        else:
            found[key] = client.list(kind, kind.namespace, kind.selector)
    return Snapshot.read(found)
