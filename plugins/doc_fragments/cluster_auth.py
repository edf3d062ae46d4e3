# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options to reach the cluster's API; argument spec: module_utils/cluster/_auth.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of the kubeconfig file, or its content as a dictionary.
      - Without it and without O(host), the client's own default is used, C(~/.kube/config).
      - The environment variable E(K8S_AUTH_KUBECONFIG) can be used instead.
    type: raw
  context:
    description:
      - Context of the kubeconfig file; the current context by default.
      - The environment variable E(K8S_AUTH_CONTEXT) can be used instead.
    type: str
  host:
    description:
      - URL of the API.
      - The environment variable E(K8S_AUTH_HOST) can be used instead.
    type: str
  api_key:
    description:
      - Bearer token.
      - The environment variable E(K8S_AUTH_API_KEY) can be used instead.
    type: str
  username:
    description:
      - User name, for an API behind a proxy with basic authentication.
      - The environment variable E(K8S_AUTH_USERNAME) can be used instead.
    type: str
  password:
    description:
      - Password that goes with O(username).
      - The environment variable E(K8S_AUTH_PASSWORD) can be used instead.
    type: str
  validate_certs:
    description:
      - Whether the API's certificate must be valid.
      - The environment variable E(K8S_AUTH_VERIFY_SSL) can be used instead.
    type: bool
    aliases: [verify_ssl]
  ca_cert:
    description:
      - Path of the certificates, the whole chain, that the API's certificate is checked with.
      - The environment variable E(K8S_AUTH_SSL_CA_CERT) can be used instead.
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description:
      - Path of the client certificate.
      - The environment variable E(K8S_AUTH_CERT_FILE) can be used instead.
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key that goes with O(client_cert).
      - The environment variable E(K8S_AUTH_KEY_FILE) can be used instead.
    type: path
    aliases: [key_file]
  proxy:
    description:
      - URL of the HTTP proxy to the API. E(HTTPS_PROXY) and the like are not looked at.
      - The environment variable E(K8S_AUTH_PROXY) can be used instead.
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks that are reached without O(proxy), separated by commas.
      - The environment variable E(K8S_AUTH_NO_PROXY) can be used instead.
    type: str
  proxy_headers:
    description:
      - Headers for the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description:
          - User and password for the proxy, separated by a colon.
          - The environment variable E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH) can be used instead.
        type: str
      basic_auth:
        description:
          - User and password for the API, separated by a colon.
          - The environment variable E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH) can be used instead.
        type: str
      user_agent:
        description:
          - User agent.
          - The environment variable E(K8S_AUTH_PROXY_HEADERS_USER_AGENT) can be used instead.
        type: str
  persist_config:
    description:
      - Whether refreshed tokens are written to the kubeconfig file.
      - The environment variable E(K8S_AUTH_PERSIST_CONFIG) can be used instead.
    type: bool
  impersonate_user:
    description:
      - User to act as.
      - The environment variable E(K8S_AUTH_IMPERSONATE_USER) can be used instead.
    type: str
  impersonate_groups:
    description:
      - Groups to act as.
      - The environment variable E(K8S_AUTH_IMPERSONATE_GROUPS) can be used instead, separated by commas.
    type: list
    elements: str
"""
