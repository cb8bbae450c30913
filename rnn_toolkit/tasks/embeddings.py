"""Commands that ask word vectors, judge them and draw them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from rnn_toolkit.bundle.files import write_whole
from rnn_toolkit.embeddings.queries import (
    Neighbor,
    SimilarityScore,
    VectorQueries,
    read_scored_pairs,
)
from rnn_toolkit.errors import OptionError
from rnn_toolkit.report.vector_plot import PLOT_KINDS, project_words
from rnn_toolkit.tasks.vector_files import grouped_words, open_vectors

_WORDS_NAMED = 5


@dataclass(frozen=True)
class WrittenPlot:
    """Where a plot was written, and what there is to say about it."""

    path: Path
    words: int
    notes: tuple[str, ...]


def nearest_words(
    vectors: str | Path, words: list[str], *, count: int = 10
) -> dict[str, list[Neighbor]]:
    """The neighbours of each word, nearest first, by the word as the vectors write it.

    Args:
        vectors: see open_vectors.
        words: what to look up.
        count: neighbours of each.

    Raises:
        OptionError: a word has no vector.
    """
    queries = VectorQueries(open_vectors(vectors))
    return {queries.known(word): queries.neighbors(word, count) for word in words}


def word_analogy(
    vectors: str | Path, first: str, second: str, third: str, *, count: int = 10
) -> list[Neighbor]:
    """What is to `third` as `second` is to `first`; see VectorQueries.analogy."""
    return VectorQueries(open_vectors(vectors)).analogy(first, second, third, count)


def judge_similarity(vectors: str | Path, pairs: str | Path) -> SimilarityScore:
    """How well vectors rank the pairs of a word-similarity file; see read_scored_pairs."""
    scored, problems = read_scored_pairs(Path(pairs))
    score = VectorQueries(open_vectors(vectors)).judge(scored)
    return replace(score, problems=tuple(problems))


def plot_vectors(
    vectors: str | Path,
    out: str | Path,
    *,
    words: str | Path | None = None,
    top: int = 200,
    method: str = "pca",
    seed: int = 1,
) -> WrittenPlot:
    """Draws words as points in the plane.

    Args:
        vectors: see open_vectors.
        out: an .svg, .png or .html file.
        words: a file with a word per line, followed by a tab and the name of its group where
            groups are to be coloured; the first words with a letter or digit by default.
        top: how many words where no file names them.
        method: "pca" or "tsne".
        seed: of t-SNE.

    Raises:
        OptionError: the name of the file ends otherwise, or there are too few words to draw.
        DataError: the words cannot be read.
    """
    out = Path(out)
    drawn = PLOT_KINDS.get(out.suffix.lower())
    if drawn is None or out.is_dir():
        raise OptionError(f"{out} cannot be drawn.", f"End --out in {', '.join(PLOT_KINDS)}.")
    asked = None if words is None else grouped_words(Path(words))
    queries = VectorQueries(open_vectors(vectors))
    if asked is None:
        readable = (word for word in queries.words if any(letter.isalnum() for letter in word))
        asked = dict.fromkeys(islice(readable, max(top, 0)), "")
    chosen = {word: group for word, group in asked.items() if word in queries}
    missing = [word for word in asked if word not in chosen]
    if len(chosen) < 3:
        raise OptionError(
            f"{len(chosen)} of {len(asked):,} words have a vector; a plot needs 3 or more."
        )
    plotted = project_words(
        list(chosen),
        queries.vectors(list(chosen)),
        method=method,
        groups=list(chosen.values()),
        seed=seed,
    )
    write_whole(out, drawn(plotted))
    notes = (f"Without a vector: {_some(missing)}.",) if missing else ()
    return WrittenPlot(out, len(chosen), notes)


def _some(words: list[str]) -> str:
    """The first few words."""
    more = f" and {len(words) - _WORDS_NAMED:,} more" if len(words) > _WORDS_NAMED else ""
    return ", ".join(words[:_WORDS_NAMED]) + more
