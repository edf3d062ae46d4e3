# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd units of a checkpoint. Fixed texts but for the window; private to the collection.

They lie in /etc/systemd/system, which Harvester keeps over boots. The timer is monotonic: it counts from its own start,
which is when the change was armed, and after a boot when NetworkManager is done with (or has given up) bringing the
network up. It is ordered by hand and not by timers.target, which comes before the network.
"""

from __future__ import annotations

NAME = "harvester-network-confirm"
SERVICE = NAME + ".service"
TIMER = NAME + ".timer"
FOLDER = "/etc/systemd/system"
WANTS = "multi-user.target.wants"

_HEADER = """# Of the Ansible collection harvester.network: undoes a change of this node that nobody confirmed.
# Removed with the checkpoint; see 'journalctl -u %s'.
""" % (NAME,)


def service(folder: str) -> str:
    """The unit that runs the program in the checkpoint's folder.

    KillMode=process: what NetworkManager or nmcli began is not ended with the program. Restart: a full disk, or a bound
    that a slow node has passed, is no reason to stay cut off. CollectMode: a unit that failed leaves no trace either.
    """
    return (
        _HEADER
        + """[Unit]
Description=Undo a change of the network that was not confirmed
After=NetworkManager.service dbus.service
ConditionPathExists=%(folder)s/restore.sh
CollectMode=inactive-or-failed
[Service]
Type=oneshot
ExecStart=/bin/sh %(folder)s/restore.sh %(folder)s
KillMode=process
TimeoutStartSec=900
Restart=on-failure
RestartSec=20
"""
        % {"folder": folder}
    )


def timer(timeout: int) -> str:
    """The timer; ``timeout`` in seconds."""
    return (
        _HEADER
        + """[Unit]
Description=Window to confirm a change of the network
DefaultDependencies=no
After=sysinit.target NetworkManager.service network-online.target
Wants=network-online.target
Conflicts=shutdown.target
Before=shutdown.target
CollectMode=inactive-or-failed
[Timer]
OnActiveSec=%d
AccuracySec=1
Unit=%s
[Install]
WantedBy=multi-user.target
"""
        % (timeout, SERVICE)
    )
