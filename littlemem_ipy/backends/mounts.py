"""Which file systems live on another machine, where shared memory and with it WAL is unsafe."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["is_network"]

_NETWORK = frozenset(
    (
        "9p", "afs", "ceph", "cifs", "davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
        "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs", "wekafs",
    )
)  # fmt: skip


def is_network(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Return whether `path` lies on a network file system.

    Parameters
    ----------
    path
        An existing directory or file.
    mounts
        The table of mounts; where there is none (macOS), every path counts as local,
        and on Windows only UNC paths count as remote.
    """
    target = path.resolve()
    if sys.platform == "win32":
        return target.drive.startswith("\\\\")
    if not mounts.exists():
        return False
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        _, point, fstype, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if len(point) >= len(best) and target.is_relative_to(point):
            best, kind = point, fstype
    return kind in _NETWORK
