"""Memories outside of the store: sealed files, exports and backups."""

from littlemem_ipy.transfer.sealing import is_sealed, seal, sealer, unseal

__all__ = ["is_sealed", "seal", "sealer", "unseal"]
