"""From an exchange to what is worth keeping of it: rules that are pure, offline and read from data files.

`candidates` proposes, `cancellations` says what is to be withdrawn; neither touches a store.
"""

from __future__ import annotations

from littlemem_ipy.capture.candidate import Candidate, Withdrawal
from littlemem_ipy.capture.propose import candidates

__all__ = ["Candidate", "Withdrawal", "candidates"]
