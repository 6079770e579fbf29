"""Whether a reply made use of a memory that was in its prompt."""

from littlemem_ipy.context.usage.judging import Evidence, evidence, was_used

__all__ = ["Evidence", "evidence", "was_used"]
