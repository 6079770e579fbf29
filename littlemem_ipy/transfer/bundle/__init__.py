"""Sharing a project's memories without a server: text files that lie beside the notebooks."""

from littlemem_ipy.transfer.bundle.folder import NAME, read_bundle, write_bundle
from littlemem_ipy.transfer.bundle.report import BundleReport, BundleRow
from littlemem_ipy.transfer.bundle.versions import (
    Version,
    Versions,
    digest_of,
    joined,
    said_of,
    standing,
)

__all__ = [
    "NAME",
    "BundleReport",
    "BundleRow",
    "Version",
    "Versions",
    "digest_of",
    "joined",
    "read_bundle",
    "said_of",
    "standing",
    "write_bundle",
]
