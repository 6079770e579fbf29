"""Memories outside of the store: exports, imports, sealed files and backups."""

from littlemem_ipy.transfer.archive import Archive, Past, Row
from littlemem_ipy.transfer.copying import CopyReport, copy_store
from littlemem_ipy.transfer.deciding import Decision, Mode, decide, mode_of
from littlemem_ipy.transfer.exporting import FORMATS, Target, target_of, write
from littlemem_ipy.transfer.limits import Limits
from littlemem_ipy.transfer.recognition import LABELS, read
from littlemem_ipy.transfer.reports import ExportReport, ImportReport, ImportRow, Outcome
from littlemem_ipy.transfer.sealing import is_sealed, seal, sealer, unseal
from littlemem_ipy.transfer.selection import Entry, Summary, memories

__all__ = [
    "FORMATS",
    "LABELS",
    "Archive",
    "CopyReport",
    "Decision",
    "Entry",
    "ExportReport",
    "ImportReport",
    "ImportRow",
    "Limits",
    "Mode",
    "Outcome",
    "Past",
    "Row",
    "Summary",
    "Target",
    "copy_store",
    "decide",
    "is_sealed",
    "memories",
    "mode_of",
    "read",
    "seal",
    "sealer",
    "target_of",
    "unseal",
    "write",
]
