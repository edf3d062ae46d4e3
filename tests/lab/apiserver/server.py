# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of etcd, kube-apiserver and kube-controller-manager, as services of the lab.

All run in the lab's network namespace, where their ports are their own: any number of labs can run side by side. Only
the API listens on an address that the node VMs reach; the rest is on the namespace's loopback.
"""

from __future__ import annotations

from pathlib import Path

from .. import layout
from .build import Programs
from .certs import Authority
from .etcd import MAX_BYTES, MAX_OPERATIONS

FORWARD = "lab.apiserver.forward"
"""The module that is run as the forwarder; nothing imports it."""
PORT = 6443
ADDRESS = f"{layout.OOB_NETWORK}.1"
"""The API's address for the node VMs: the lab's end of the out-of-band network."""
ETCD_CLIENT, ETCD_PEER = "http://127.0.0.1:2379", "http://127.0.0.1:2380"
SERVICE_RANGE = "10.53.0.0/16"
"""Harvester's range of cluster addresses."""
SERVER_NAMES = ("127.0.0.1", ADDRESS, "10.53.0.1", "localhost", "kubernetes.default.svc")
"""By these the API is reached: the loopback forwarder, the node VMs, its own Service."""
ISSUER = "https://kubernetes.default.svc"
CONTROLLERS = ("namespace-controller", "garbage-collector-controller")
"""Of kube-controller-manager: namespaces are emptied when deleted, dependents go with their owners."""
NO_ADMISSION = ("ServiceAccount", "TaintNodesByCondition")
"""Admission that counts on controllers and kubelets that the lab has not: pods without service account are taken, and
a new Node is not tainted as not ready."""


def etcd(programs: Programs, data: Path) -> list[str | Path]:
    """A throw-away etcd: nothing is synced to the disk."""
    return [
        programs.etcd,
        f"--data-dir={data}",
        "--unsafe-no-fsync",
        "--logger=zap",
        "--log-level=warn",
        f"--listen-client-urls={ETCD_CLIENT}",
        f"--advertise-client-urls={ETCD_CLIENT}",
        f"--listen-peer-urls={ETCD_PEER}",
        f"--initial-advertise-peer-urls={ETCD_PEER}",
        f"--initial-cluster=default={ETCD_PEER}",
        f"--max-txn-ops={MAX_OPERATIONS}",
        f"--max-request-bytes={MAX_BYTES}",
    ]


def apiserver(programs: Programs, authority: Authority) -> list[str | Path]:
    """kube-apiserver with RBAC; users are who their client certificates (or service account tokens) say."""
    certificate, key = authority.server("kube-apiserver", SERVER_NAMES)
    return [
        programs.apiserver,
        f"--etcd-servers={ETCD_CLIENT}",
        "--bind-address=0.0.0.0",
        f"--secure-port={PORT}",
        f"--advertise-address={ADDRESS}",
        # nobody resolves the Service `kubernetes` here, and keeping its endpoints delays the end
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={certificate}",
        f"--tls-private-key-file={key}",
        f"--client-ca-file={authority.certificate}",
        "--authorization-mode=RBAC",
        "--anonymous-auth=false",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={authority.service_account_public}",
        f"--service-account-signing-key-file={authority.service_account_key}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        f"--disable-admission-plugins={','.join(NO_ADMISSION)}",
        # webhooks by Service: there is no kube-proxy, so the API looks endpoints up itself
        "--enable-aggregator-routing=true",
        "--profiling=false",
    ]


def controller_manager(programs: Programs, kubeconfig: Path) -> list[str | Path]:
    """kube-controller-manager with the few controllers that an API needs to behave like one."""
    return [
        programs.controller_manager,
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        "--leader-elect=false",
        "--secure-port=0",
        "--profiling=false",
    ]
