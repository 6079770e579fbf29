"""Which memories say the same: by hash, by words, and by the few comparisons that are left; titles never count."""

from littlemem_ipy.duplicates.finding import find_duplicates, keeping_order
from littlemem_ipy.duplicates.groups import DuplicateGroup, Duplicates, Likeness
from littlemem_ipy.duplicates.wording import repeats

__all__ = ["DuplicateGroup", "Duplicates", "Likeness", "find_duplicates", "keeping_order", "repeats"]
