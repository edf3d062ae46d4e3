# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the cluster's API. This module util is private to the collection.

The option names, aliases and environment variables are those of kubernetes.core, so that its environment and AWX's
credential type work unchanged. Documented by the fragment C(cluster_auth); a unit test compares the two.
"""

from __future__ import annotations

from typing import Any, Dict

PROXY_HEADERS_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "basic_auth": {"type": "str", "no_log": True},
    "proxy_basic_auth": {"type": "str", "no_log": True},
    "user_agent": {"type": "str"},
}

AUTH_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "api_key": {"type": "str", "no_log": True},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    # a path, not the key itself
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
    "impersonate_user": {"type": "str"},
    # a path or the content as a dict; the client registers the secrets of a dict
    "kubeconfig": {"type": "raw"},
    "no_proxy": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "persist_config": {"type": "bool"},
    "proxy": {"type": "str"},
    "proxy_headers": {"type": "dict", "options": PROXY_HEADERS_ARGSPEC},
    "username": {"type": "str"},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
}

# Documented by the fragment C(cluster_api).
API_ARGSPEC: Dict[str, Dict[str, Any]] = {
    # seconds
    "api_retry_timeout": {"type": "int", "default": 60},
}
