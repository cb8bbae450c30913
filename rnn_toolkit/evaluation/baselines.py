"""The baselines that stand beside every score: TF-IDF with logistic regression, majority."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.text.characters import token_pattern

TFIDF_NAME = "TF-IDF + logistic regression"
MAJORITY_NAME = "majority class"


class TfidfBaseline:
    """TF-IDF of words and word pairs, and logistic regression on it.

    Words are cut as the word tokenizer cuts them (Chinese into characters). Stored as plain
    arrays, so that loading never unpickles.

    Args:
        terms: words and word pairs, in the order of the columns.
        inverse_document_frequency: [terms].
        coefficients: [1 or classes, terms].
        intercept: [1 or classes].
        normalize: the tokenizer's clean-up of a text.
    """

    def __init__(
        self,
        terms: Sequence[str],
        inverse_document_frequency: NDArray[np.float32],
        coefficients: NDArray[np.float32],
        intercept: NDArray[np.float32],
        normalize: Callable[[str], str],
    ) -> None:
        self.terms = list(terms)
        self.inverse_document_frequency = inverse_document_frequency
        self.coefficients = coefficients
        self.intercept = intercept
        self.normalize = normalize

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: NDArray[np.int32],
        *,
        normalize: Callable[[str], str],
        seed: int,
    ) -> TfidfBaseline:
        """Fits both steps on the training rows.

        Args:
            texts: the training texts.
            labels: position of the class of each.
            normalize: the tokenizer's clean-up of a text.
            seed: seed of the solver.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        vectorizer = TfidfVectorizer(
            analyzer=_Analyzer(normalize),
            min_df=2 if len(texts) >= 100 else 1,
            sublinear_tf=True,
            dtype=np.float32,
        )
        features = vectorizer.fit_transform(texts)
        # With a tolerance of 1e-3 the solver stops after a handful of steps on some splits, and
        # the baseline would look several points weaker than it is.
        model = LogisticRegression(C=10.0, max_iter=200, random_state=seed, tol=1e-4)
        model.fit(features, labels)
        coefficients = np.asarray(model.coef_, np.float32)
        return cls(
            list(vectorizer.get_feature_names_out()),
            np.asarray(vectorizer.idf_, np.float32),
            coefficients,
            np.asarray(model.intercept_, np.float32),
            normalize,
        )

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Class probabilities [texts, classes]."""
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.preprocessing import normalize as to_unit_length

        counter = CountVectorizer(
            analyzer=_Analyzer(self.normalize), vocabulary=self.terms, dtype=np.float32
        )
        counts = counter.transform(texts).tocsr()
        counts.data = 1 + np.log(counts.data)
        features = counts.multiply(self.inverse_document_frequency).tocsr()
        logits = to_unit_length(features) @ self.coefficients.T + self.intercept
        if logits.shape[1] == 1:
            positive = 1 / (1 + np.exp(-logits))
            return np.concatenate([1 - positive, positive], axis=1).astype(np.float32)
        exponentials = np.exp(logits - logits.max(1, keepdims=True))
        return (exponentials / exponentials.sum(1, keepdims=True)).astype(np.float32)

    def save(self, path: Path) -> None:
        """Writes baseline.npz."""
        packed = zlib.compress("\n".join(self.terms).encode("utf-8"), 6)
        np.savez(
            path,
            terms=np.frombuffer(packed, np.uint8),
            inverse_document_frequency=self.inverse_document_frequency,
            coefficients=self.coefficients,
            intercept=self.intercept,
        )

    @classmethod
    def load(cls, path: Path, normalize: Callable[[str], str]) -> TfidfBaseline:
        """Reads baseline.npz.

        Raises:
            ModelDirectoryError: the file is missing or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return cls(
                    zlib.decompress(stored["terms"].tobytes()).decode("utf-8").split("\n"),
                    stored["inverse_document_frequency"],
                    stored["coefficients"],
                    stored["intercept"],
                    normalize,
                )
        except (OSError, KeyError, ValueError, BadZipFile, zlib.error):
            raise ModelDirectoryError(
                f"{path} is missing or damaged.", "Train the model again."
            ) from None


class _Analyzer:
    """Words and pairs of neighbouring words of a text."""

    def __init__(self, normalize: Callable[[str], str]) -> None:
        self.normalize = normalize
        self.pattern = re.compile(token_pattern())

    def __call__(self, text: str) -> list[str]:
        words = self.pattern.findall(self.normalize(text))
        return words + [f"{first} {second}" for first, second in pairwise(words)]


def majority_probabilities(label_counts: NDArray[np.int64], *, rows: int) -> NDArray[np.float32]:
    """The answer of a model that knows only how frequent each class is.

    Args:
        label_counts: training rows per class.
        rows: how many texts to answer.

    Returns:
        Array [rows, classes].
    """
    shares = (label_counts / label_counts.sum()).astype(np.float32)
    return np.tile(shares, (rows, 1))
