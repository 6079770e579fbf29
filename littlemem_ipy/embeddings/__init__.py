"""Vectors of memories and queries: none, local static ones, or those of any model that litellm reaches.

Each vector is kept with the name of what made it (model, version and dimension in one), so models are never
mixed: a search compares the query only with vectors of its own embedder, and what has none yet is found by its
words. Texts are hashed before they are embedded, and the same text is never embedded twice.
"""

from littlemem_ipy.embeddings.embedder import (
    Embedder,
    Learner,
    LiteLLMEmbedder,
    StaticEmbedder,
    Weighted,
    WordEmbedder,
    open_embedder,
)
from littlemem_ipy.embeddings.vectors import Embeddings
from littlemem_ipy.embeddings.wording import Wording

__all__ = [
    "Embedder",
    "Embeddings",
    "Learner",
    "LiteLLMEmbedder",
    "StaticEmbedder",
    "Weighted",
    "WordEmbedder",
    "Wording",
    "open_embedder",
]
