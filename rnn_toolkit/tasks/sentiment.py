"""The sentiment task: labelled texts to a classifier that trains, judges itself and ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from rnn_toolkit.bundle.classifier import ClassifierManifest
from rnn_toolkit.bundle.files import write_text_whole, written_whole
from rnn_toolkit.config import ExportOptions, SentimentConfig, TrainingConfig, parse_settings
from rnn_toolkit.data.columns import Columns
from rnn_toolkit.data.labelled import LabelledTexts, from_pairs, read_labelled
from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.evaluation.baselines import TfidfBaseline
from rnn_toolkit.evaluation.classification import Evaluation
from rnn_toolkit.report.card import model_card
from rnn_toolkit.report.page import render
from rnn_toolkit.runtime.classifier import ClassifierPredictor, Prediction
from rnn_toolkit.tasks import directory as files
from rnn_toolkit.tasks.judges import accuracy_judge
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.tasks.pretrained_opening import classifier_start
from rnn_toolkit.tasks.pretrained_start import ClassifierStart
from rnn_toolkit.tasks.trained_sentiment import TrainedSentiment
from rnn_toolkit.tasks.training_run import train_sentiment
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.training.observer import EpochRecord, SilentObserver, TrainingObserver

_COMPARED_ROWS = 200

Data = str | Path | LabelledTexts | tuple[Sequence[str], Sequence[Any]]
"""A path, or texts with labels."""


class SentimentClassifier:
    """Trains a recurrent classifier of texts into two or more classes.

    Args:
        **options: any setting by its name, for example recipe ("fast", "vectors", ...), cell
            ("lstm", "gru", "simple_rnn"), units, layers, bidirectional, pooling, tokenizer
            ("word", "subword", "char"), vocabulary_size, maximum_length, epochs, batch_size,
            learning_rate, seed.

    Raises:
        OptionError: a name is unknown or a value is out of range.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self.config: SentimentConfig = sentiment_config(options)
        self._trained: TrainedSentiment | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities."""
        return self._fitted().labels

    @property
    def training_columns(self) -> Columns | None:
        """The columns of the training file, if it was a file."""
        columns = self.config.columns
        if columns.text is None or columns.label is None:
            return None
        return Columns(columns.text, columns.label)

    @property
    def trained(self) -> TrainedSentiment:
        """All that training made."""
        return self._fitted()

    def _fitted(self) -> TrainedSentiment:
        if self._trained is None:
            raise OptionError("This classifier is not trained.", "Call fit first.")
        return self._trained

    def fit(
        self,
        data: Data,
        *,
        validation: Data | None = None,
        validation_split: float | None = None,
        text_column: str | None = None,
        label_column: str | None = None,
        observer: TrainingObserver | None = None,
        checkpoint: Path | None = None,
        resume: bool = False,
        start: SentimentClassifier | str | Path | None = None,
    ) -> SentimentClassifier:
        """Trains on labelled texts.

        Args:
            data: a file or folder, or a pair of texts and labels.
            validation: rows that choose the best epoch; by default a stratified part of
                `data`, split by seed.
            validation_split: the share of `data` that becomes validation.
            text_column: overrides detection, when `data` is a path.
            label_column: overrides detection, when `data` is a path.
            observer: is told about progress.
            checkpoint: a file that keeps the state after each epoch.
            resume: whether to continue from `checkpoint`.
            start: a model to begin with: a trained classifier, a model directory, or the name of
                a pretrained model. Its tokenizer is kept, and its shape holds where no option
                says otherwise; labels of the same names keep their meaning.

        Returns:
            This classifier, trained.

        Raises:
            DataError: the data cannot be used; the message names file and row.
        """
        begin = None if start is None else _start(start)
        if begin is not None:
            self.config = sentiment_config(self._options, start=begin.settings())
        if validation_split is not None:
            training = {**self.config.training.model_dump(), "validation_split": validation_split}
            self.config = self.config.model_copy(
                update={"training": parse_settings(TrainingConfig, training)}
            )
        rows = _labelled(data, text_column, label_column)
        chosen = None if validation is None else _labelled(validation, text_column, label_column)
        self._trained = train_sentiment(
            self.config,
            rows,
            chosen,
            observer=observer or SilentObserver(),
            checkpoint=checkpoint,
            resume=resume,
            start=begin,
        )
        self.config = self._trained.config
        return self

    def predictor(self) -> ClassifierPredictor:
        """The object that answers."""
        return self._fitted().answering()

    @overload
    def predict(self, texts: str) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, texts: Sequence[str]) -> list[Prediction]: ...
    def predict(self, texts: str | Sequence[str]) -> Prediction | list[Prediction]:
        """Labels with probabilities: one for a string, a list for several."""
        return self.predictor().predict(texts)

    def evaluate(
        self,
        data: Data,
        *,
        text_column: str | None = None,
        label_column: str | None = None,
        split: str = "test",
    ) -> Evaluation:
        """Scores the model on labelled texts, beside its baselines.

        Args:
            data: a file or folder, or a pair of texts and labels.
            text_column: overrides detection, when `data` is a path.
            label_column: likewise.
            split: the name of these rows in metrics.json.

        Returns:
            The scores; also kept for `save`, where they enter metrics.json and the report.

        Raises:
            DataError: the data cannot be used, or has labels that training never saw.
        """
        trained = self._fitted()
        rows = _labelled(data, text_column, label_column, self.training_columns)
        return trained.evaluate(rows, split=split)

    def save(self, path: str | Path) -> Path:
        """Writes the model directory; it appears whole or not at all.

        Args:
            path: the directory, for example saved_models/sentiment.

        Returns:
            The directory.
        """
        trained, target = self._fitted(), Path(path)
        with written_whole(target, marker=files.CONFIG_NAME) as temporary:
            config = self.config.model_dump(mode="json")
            files.write_json(temporary / files.CONFIG_NAME, config)
            trained.model.save(temporary / files.MODEL_NAME)
            trained.tokenizer.save(temporary / files.TOKENIZER_NAME)
            files.write_json(temporary / files.LABELS_NAME, list(trained.labels))
            files.write_history(temporary / files.HISTORY_NAME, trained.history)
            files.write_rows(
                temporary / files.TRAINING_ROWS_NAME,
                fingerprints=sorted(trained.fingerprints),
                verification=trained.verification,
                verification_labels=trained.verification_labels,
                label_counts=trained.label_counts,
            )
            trained.baseline.save(temporary / files.BASELINE_NAME)
            for name, text in self._reports(target).items():
                (temporary / name).write_text(text, encoding="utf-8")
        return target

    def _reports(self, target: Path) -> dict[str, str]:
        """The files that change with each evaluation."""
        trained = self._fitted()
        scores = []
        for entry in trained.evaluations:
            for name, found in (
                ("this model", entry.model),
                (entry.baseline.name, entry.baseline.scores),
                (entry.majority.name, entry.majority.scores),
            ):
                data = f"{entry.split}: {entry.data}"
                scores.append((data, name, found.accuracy, found.macro_f1, found.log_loss))
        card = model_card(
            name=target.name, facts=trained.report.facts, labels=trained.labels, scores=scores
        )
        return {
            files.METRICS_NAME: files.metrics_json(trained.facts, trained.evaluations),
            files.REPORT_DATA_NAME: trained.report.model_dump_json() + "\n",
            files.REPORT_NAME: render(trained.report),
            files.CARD_NAME: card,
        }

    def save_evaluations(self, path: str | Path) -> None:
        """Rewrites metrics, report and card of an existing model directory."""
        for name, text in self._reports(Path(path)).items():
            write_text_whole(Path(path) / name, text)

    @classmethod
    def load(cls, path: str | Path) -> SentimentClassifier:
        """Reads a model directory; nothing in it is unpickled or run as code.

        Raises:
            ModelDirectoryError: it is missing, damaged, or a newer version wrote it.
        """
        source = Path(path)
        config = files.read_config(source, SentimentConfig)
        tokenizer = Tokenizer.from_file(
            source / files.TOKENIZER_NAME,
            maximum_length=config.tokenizer.maximum_length,
            head_length=config.tokenizer.head_length,
        )
        labels = files.read_labels(source)
        model = files.load_keras_model(source)
        if int(model.output_shape[-1]) != len(labels):
            raise ModelDirectoryError(
                f"{source}: the model has {model.output_shape[-1]} outputs but there are "
                f"{len(labels)} labels.",
                "Train the model again.",
            )
        facts, evaluations = files.read_evaluations(source)
        rows = files.read_rows(source / files.TRAINING_ROWS_NAME)
        loaded = cls()
        loaded.config = config
        loaded._trained = TrainedSentiment(
            config=config,
            model=model,
            tokenizer=tokenizer,
            labels=labels,
            baseline=TfidfBaseline.load(source / files.BASELINE_NAME, tokenizer.normalize),
            history=files.read_history(source / files.HISTORY_NAME, EpochRecord),
            fingerprints=rows.fingerprints,
            verification=rows.verification,
            verification_labels=rows.verification_labels,
            label_counts=np.asarray(rows.label_counts),
            facts=facts,
            evaluations=evaluations,
            report=files.read_report(source),
        )
        return loaded

    def export(
        self,
        path: str | Path,
        *,
        format: str = "tflite",
        texts: Sequence[str] = (),
        progress: Callable[[str], None] = lambda text: None,
        **options: Any,
    ) -> ClassifierManifest:
        """Writes a bundle, after checking that it answers like the model.

        Args:
            path: the bundle's directory, for example bundles/sentiment-tflite.
            format: savedmodel, tflite or onnx.
            texts: more texts to compare on, beside some of the validation rows.
            progress: is told what is being done.
            **options: the variant: quantize ("none", "float16", "dynamic", "int8"), static (a
                length), mediapipe.

        Returns:
            The manifest, with what was measured.

        Raises:
            OptionError: there is no such format or variant.
            VerificationError: the exported file answers otherwise; no bundle is left.
        """
        from rnn_toolkit.export.classifier import ClassifierToExport
        from rnn_toolkit.export.table import exporter

        trained = self._fitted()
        subject = ClassifierToExport(
            task=self.config.task,
            model=trained.model,
            tokenizer=trained.tokenizer,
            tokenizer_kind=self.config.tokenizer.kind,
            labels=trained.labels,
            network=self.config.network,
            rows=trained.verification[:_COMPARED_ROWS],
            texts=texts,
            judge=accuracy_judge(trained.verification, trained.verification_labels),
        )
        variant = parse_settings(ExportOptions, options)
        return exporter(format).export(subject, Path(path), options=variant, progress=progress)


def _start(start: SentimentClassifier | str | Path) -> ClassifierStart:
    if not isinstance(start, SentimentClassifier):
        return classifier_start(start)
    found = start.trained
    kind = found.config.tokenizer.kind
    return ClassifierStart(
        found.config.network, found.model, found.tokenizer, kind, tuple(found.labels)
    )


def _labelled(
    data: Data,
    text_column: str | None,
    label_column: str | None,
    remembered: Columns | None = None,
) -> LabelledTexts:
    if isinstance(data, LabelledTexts):
        return data
    if isinstance(data, (str, Path)):
        return read_labelled(
            data, text_column=text_column, label_column=label_column, remembered=remembered
        )
    if not isinstance(data, tuple) or len(data) != 2:
        raise OptionError(
            f"Data must be a path or a pair (texts, labels), not {type(data).__name__}."
        )
    return from_pairs(data[0], data[1], "Python data")
