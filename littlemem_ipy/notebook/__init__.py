"""What only a notebook knows: which cell is running, which one failed, and what made it run."""

from littlemem_ipy.notebook.failure import Failure, error_of, failure_of
from littlemem_ipy.notebook.place import notebook_name, where

__all__ = ["Failure", "error_of", "failure_of", "notebook_name", "where"]
