"""How near single words are to each other, by the vectors of an embedder that knows words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from littlemem_ipy.embeddings.embedder import WordEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["Wording"]

_REMEMBERED = 20_000  # words, 20 MB at 256 dimensions


class Wording:
    """The vectors of words, each made once.

    Parameters
    ----------
    embedder
        What makes them.
    """

    def __init__(self, embedder: WordEmbedder) -> None:
        self.embedder = embedder
        self._places: dict[str, int] = {}
        self._rows: Matrix | None = None

    def nearest(self, words: Sequence[str], texts: Sequence[Sequence[str]]) -> Matrix:
        """Return the cosine of each word and the word of each text that is nearest to it.

        Parameters
        ----------
        words
            Folded words.
        texts
            The words of each text, at least one.

        Returns
        -------
        Matrix
            A row for each text, a column for each word.
        """
        import numpy as np

        self._make([*words, *(word for text in texts for word in text)])
        assert self._rows is not None
        asked = self._rows[[self._places[word] for word in words]]
        held, places = np.unique(
            np.fromiter((self._places[word] for text in texts for word in text), dtype=np.intp), return_inverse=True
        )
        cosines = (self._rows[held] @ asked.T)[places]
        starts = np.cumsum([0, *map(len, texts[:-1])])
        nearest: Matrix = np.maximum.reduceat(cosines, starts, axis=0)
        return nearest

    def _make(self, words: Sequence[str]) -> None:
        """Make the vectors that are missing; all anew when there would be too many."""
        import numpy as np

        wanted = dict.fromkeys(words)
        if len(self._places) + len(wanted) > _REMEMBERED:
            self._places, self._rows = {}, None
        new = [word for word in wanted if word not in self._places]
        if new:
            rows = self.embedder.embed_words(new)
            self._rows = rows if self._rows is None else np.concatenate([self._rows, rows])
            self._places |= {word: place for place, word in enumerate(new, len(self._places))}
