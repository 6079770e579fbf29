"""The settings: what each means, and where its value comes from.

Precedence: argument > ``%config LittleMem.x`` > environment (``LITTLEMEM_X``) > saved
settings > default. Saved settings are one JSON file in the home directory; keys of
providers are never read from it nor written to it.
"""

from littlemem_ipy.config.places import find_project, home
from littlemem_ipy.config.settings import LittleMem

__all__ = ["LittleMem", "find_project", "home"]
