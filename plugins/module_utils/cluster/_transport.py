# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file that imports kubernetes.core's client. This module util is private to the collection.

kubernetes.core reads the authentication options, the K8S_AUTH_* variables and the kubeconfig; of its client one
function is used, a request to a path, which no release has changed so far. Discovery is left out: the kinds are known.
"""

from __future__ import annotations

import traceback
from typing import Any, Dict, Mapping, Optional, Tuple

from ansible.module_utils.basic import missing_required_lib

from ..common._errors import MissingLibrary
from ._api_errors import ApiError, Reply, Unreachable
from ._auth import AUTH_ARGSPEC

LIBRARY_ERROR: Optional[str] = None
try:
    import urllib3
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException
    from kubernetes.client.exceptions import ApiException
except ImportError:
    LIBRARY_ERROR = traceback.format_exc()

# seconds: until a connection stands, and until its answer is there
TIMEOUT: Tuple[float, float] = (10.0, 60.0)


class Transport:
    """Sends requests; connects at the first one, so that a server that is just starting is waited for like any other.

    auth: options of the fragment ``cluster_auth``, those not given left out or None.
    """

    def __init__(self, auth: Mapping[str, Any]) -> None:
        if LIBRARY_ERROR:
            raise MissingLibrary(
                "%s The collection kubernetes.core has to be installed as well (ansible-galaxy collection install"
                " kubernetes.core)." % missing_required_lib("kubernetes")
            )
        self._auth = {name: auth[name] for name in AUTH_ARGSPEC if auth.get(name) is not None}
        self._dynamic: Any = None

    def urls(self) -> Tuple[str, ...]:
        """Where the API is, and the proxy before it; empty before the first request."""
        known = self._dynamic.configuration if self._dynamic else None
        return tuple(str(url) for url in (getattr(known, "host", None), getattr(known, "proxy", None)) if url)

    def __call__(self, method: str, path: str, body: Optional[Dict[str, Any]], content_type: str) -> Reply:
        try:
            if self._dynamic is None:
                self._dynamic = get_api_client(**self._auth).client
            answer = self._dynamic.request(
                method, path, body=body, content_type=content_type, serialize=False, _request_timeout=TIMEOUT
            )
        except ApiException as failure:
            return Reply(int(failure.status or 0), _text(failure.body))
        except CoreException as failure:
            raise ApiError(
                "no way to the cluster's API: %s; see kubeconfig, host and K8S_AUTH_*" % failure
            ) from failure
        except (urllib3.exceptions.HTTPError, OSError) as failure:
            raise Unreachable("the cluster's API does not answer: %s" % _cause(failure)) from failure
        return Reply(int(answer.status), _text(answer.data))


def _text(body: Any) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def _cause(failure: BaseException) -> str:
    """The innermost reason: urllib3 wraps what happened in what it was doing."""
    reason = getattr(failure, "reason", None)
    return _cause(reason) if isinstance(reason, BaseException) else str(failure)
