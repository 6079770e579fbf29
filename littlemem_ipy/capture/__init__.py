"""From an exchange to what is worth keeping of it: rules that are pure, offline and read from data files.

`candidates` proposes, `cancellations` says what is to be withdrawn; neither touches a store. `capture_exchange`
does both for a store, with the gates: known statements are not stored twice, changed ones supersede the older.
"""

from __future__ import annotations

from littlemem_ipy.capture.candidate import Candidate, Withdrawal
from littlemem_ipy.capture.exchange import capture_exchange, store_captured
from littlemem_ipy.capture.propose import candidates, off_record
from littlemem_ipy.capture.report import CaptureReport
from littlemem_ipy.capture.standing import standing
from littlemem_ipy.capture.typed import Outcome, candidates_from, read_json
from littlemem_ipy.capture.withdraw import cancellations

__all__ = [
    "Candidate",
    "CaptureReport",
    "Outcome",
    "Withdrawal",
    "cancellations",
    "candidates",
    "candidates_from",
    "capture_exchange",
    "off_record",
    "read_json",
    "standing",
    "store_captured",
]
