"""From an exchange to what is worth keeping of it: rules that are pure, offline and read from data files.

`candidates` proposes, `cancellations` says what is to be withdrawn; neither touches a store. `capture_exchange`
does both for a store, with the gates: known statements are not stored twice, changed ones supersede the older.
"""

from __future__ import annotations

from littlemem_ipy.capture.candidate import Candidate, Withdrawal
from littlemem_ipy.capture.exchange import CaptureReport, capture_exchange, store_captured
from littlemem_ipy.capture.propose import candidates
from littlemem_ipy.capture.withdraw import cancellations

__all__ = [
    "Candidate",
    "CaptureReport",
    "Withdrawal",
    "cancellations",
    "candidates",
    "capture_exchange",
    "store_captured",
]
