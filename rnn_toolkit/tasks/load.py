"""Opens what `train` or `export` wrote, importing no more than it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_toolkit.bundle.catalogue import known_names, model_path
from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import FORMAT_VERSION
from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.export.table import EXPORTERS, exporter
from rnn_toolkit.runtime.bundle import RUNTIMES, is_bundle, load_bundle
from rnn_toolkit.runtime.signatures import OpenModel, SignatureModel

if TYPE_CHECKING:
    from rnn_toolkit.runtime.bundle import Predictor
    from rnn_toolkit.runtime.generator import GeneratorPredictor
    from rnn_toolkit.runtime.translator import TranslatorPredictor
    from rnn_toolkit.tasks.table import Task


def _as_exported(format_name: str) -> OpenModel:
    """Opens a bundle the way its exporter does, which may import TensorFlow."""

    def open_model(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        return exporter(format_name).open(directory, signatures)

    return open_model


ALL_RUNTIMES: dict[str, OpenModel] = {
    **{format_name: _as_exported(format_name) for format_name in EXPORTERS},
    **RUNTIMES,
}


def load(path: str | Path) -> Task | Predictor:
    """Opens a model directory, a bundle or a pretrained model for prediction.

    A TFLite or ONNX bundle imports neither tensorflow nor keras; pretrained models are such.

    Args:
        path: what `train` or `export` wrote, or the name of a pretrained model.

    Returns:
        For classification an object with `predict`, for generation one with `generate`; for a
        model directory also with `evaluate` and `export`.

    Raises:
        ModelDirectoryError: there is neither a model nor a bundle.
        BundleError: the bundle is damaged.
    """
    directory = model_path(path)
    if is_bundle(directory):
        return load_bundle(directory, ALL_RUNTIMES)
    check_model_directory(directory)
    from rnn_toolkit.tasks.table import task

    return task(directory)


def open_writer(
    path: Path,
    *,
    cache: int | None = None,
    adapt_to: Path | None = None,
    adapt_rate: float = 0.1,
) -> GeneratorPredictor:
    """Opens a model directory, a bundle or a pretrained model for writing.

    Args:
        path: what train or export wrote, or the name of a pretrained model.
        cache: remembers so many steps of the text and prefers what it said before.
        adapt_to: a text the model learns from before it writes (dynamic evaluation).
        adapt_rate: how fast it does.

    Raises:
        OptionError: it is not a language model, or a bundle is asked to learn.
    """
    from rnn_toolkit.runtime.generator import GeneratorPredictor

    if cache is not None or adapt_to is not None:
        from rnn_toolkit.tasks.generation_commands import open_learning_writer

        return open_learning_writer(path, cache=cache, adapt_to=adapt_to, adapt_rate=adapt_rate)
    writer = _predictor(path)
    if isinstance(writer, GeneratorPredictor):
        return writer
    raise OptionError(f"{path} is not a language model.", "Train one: train generation.")


def open_translator(path: Path, others: Sequence[Path] = ()) -> TranslatorPredictor:
    """Opens a model directory, a bundle or a pretrained model for translating.

    Args:
        path: what train or export wrote, or the name of a pretrained model.
        others: more model directories, averaged in.

    Raises:
        OptionError: it is not a translation model.
    """
    from rnn_toolkit.runtime.translator import TranslatorPredictor

    if others:
        from rnn_toolkit.tasks.translation_commands import open_translators

        return open_translators(path, others).predictor()
    translator = _predictor(path)
    if isinstance(translator, TranslatorPredictor):
        return translator
    raise OptionError(f"{path} is not a translation model.", "Train one: train translation.")


def _predictor(path: Path) -> Predictor:
    """What answers: a bundle is it already, a model directory has it."""
    found = load(path)
    predictor: Predictor = found.predictor() if hasattr(found, "predictor") else found
    return predictor


def check_model_directory(directory: Path) -> None:
    """Raises ModelDirectoryError, saying what is there instead, unless it is a model."""
    if not directory.exists():
        remedy = "Train a model with: rnn-toolkit train TASK"
        names = known_names()
        raise ModelDirectoryError(
            f"There is no {directory}.", f"{remedy}. {names}" if names else remedy
        )
    if not (directory / "config.json").is_file():
        raise ModelDirectoryError(
            f"{directory} is neither a model directory (no config.json) nor a bundle (no "
            f"manifest.json), format version {FORMAT_VERSION}.",
            "Give what rnn-toolkit train or export wrote.",
        )
