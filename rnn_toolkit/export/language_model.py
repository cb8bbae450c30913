"""What a bundle tells of a language model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import keras

from rnn_toolkit._version import __version__
from rnn_toolkit.bundle.language_model import (
    DecodingDefaults,
    GenerationTokenizerSpec,
    LanguageModelManifest,
    LanguageModelMeasured,
    PromptSpec,
    StateSpec,
    StopSpec,
)
from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import ExportOptions, LanguageModelConfig
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.export.language_model_golden import golden_rows
from rnn_toolkit.export.language_model_readme import language_model_readme
from rnn_toolkit.export.subject import Judge, Subject, Verified
from rnn_toolkit.export.tolerance import Expectation
from rnn_toolkit.export.verify_language_model import PREFILL_TOKENS, compare_steps
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.networks.steps import STEP, KerasSteps, language_model_faces
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.steps import BundleSteps
from rnn_toolkit.text.description import BEGIN_ID, END_ID
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer


@dataclass(frozen=True)
class LanguageModelToExport(Subject[LanguageModelMeasured, LanguageModelManifest]):
    """A trained language model with all that a bundle tells of it."""

    model: keras.Model
    tokenizer: GenerationTokenizer
    network: LanguageModelConfig
    documents: bool
    """Whether it was trained on texts that begin and end, rather than on one long text."""
    rows: Sequence[Sequence[int]]
    """Ids of real texts, on which the exported file is compared with the model."""
    decoding: SamplingOptions = field(default_factory=SamplingOptions)
    """How texts are written unless the caller says otherwise."""
    task: str = "generation"
    judge: Judge | None = None

    def faces(self) -> list[Face]:
        """`prefill` for prompts and `step` for one id after another."""
        return list(language_model_faces(self.model))

    def write_assets(self, directory: Path) -> None:
        """Tokenizer and vocabulary; tokens may hold line ends, so that they are JSON."""
        self.tokenizer.save(directory / "tokenizer.json")
        vocabulary = json.dumps(self.tokenizer.vocabulary(), ensure_ascii=False, indent=0)
        (directory / "vocab.json").write_text(vocabulary + "\n", encoding="utf-8")

    def predictor(
        self, exported: SignatureModel, signatures: Mapping[str, Signature]
    ) -> GeneratorPredictor:
        """Tokenizer and an exported file."""
        return self._predictor(
            BundleSteps(
                exported,
                states=[state.input for state in _states(signatures[STEP])],
                vocabulary_size=int(self.model.output_shape[-1]),
            )
        )

    def verify(
        self,
        exported: SignatureModel,
        signatures: Mapping[str, Signature],
        model_bytes: int,
        expectation: Expectation,
    ) -> Verified[LanguageModelMeasured]:
        """Log-probabilities along golden and real texts; continuations of golden prompts."""
        predictor = self.predictor(exported, signatures)
        reference = self._reference if expectation.exact else predictor
        golden, largest = golden_rows(reference, predictor, expectation)
        rows = [*(row.context for row in golden), *self.rows]
        found = compare_steps(self.model, predictor.model, rows, tolerance=expectation.of_model)
        measured = LanguageModelMeasured(
            texts=found.texts,
            tokens=found.tokens,
            largest_difference=max(largest, found.largest_difference),
            tolerance=expectation.of_golden,
            milliseconds_per_token=found.milliseconds_per_token,
            prefill_milliseconds=found.prefill_milliseconds,
            prefill_tokens=PREFILL_TOKENS,
            model_bytes=model_bytes,
        )
        return Verified(golden, measured)

    @cached_property
    def _reference(self) -> GeneratorPredictor:
        return self._predictor(KerasSteps(self.model))

    def _predictor(self, steps: KerasSteps | BundleSteps) -> GeneratorPredictor:
        return GeneratorPredictor(self.tokenizer, steps, documents=self.documents)

    def manifest(
        self,
        format_name: str,
        options: ExportOptions,
        signatures: dict[str, Signature],
        measured: LanguageModelMeasured,
    ) -> LanguageModelManifest:
        """Tokenizer, states, prompts, decoding, signatures."""
        reference = self._reference
        defaults = self.decoding.model_dump(include=set(DecodingDefaults.model_fields))
        return LanguageModelManifest(
            toolkit_version=__version__,
            task=self.task,
            format=format_name,
            variant=options.variant,
            network=self.network,
            vocabulary_size=int(self.model.output_shape[-1]),
            documents=self.documents,
            tokenizer=GenerationTokenizerSpec(
                kind=self.tokenizer.kind,
                begin_id=BEGIN_ID,
                end_id=END_ID,
                joins=self.tokenizer.joins,
                byte_level=self.tokenizer.kind == "subword",
                conditions={
                    label: self.tokenizer.condition_id(label) for label in self.tokenizer.conditions
                },
            ),
            signatures=signatures,
            states=_states(signatures[STEP]),
            prompt=PromptSpec(
                before=reference.context() if self.documents else (),
                empty=() if self.documents else reference.context(),
            ),
            decoding=DecodingDefaults.model_validate(defaults),
            stop=StopSpec(
                end_id=reference.end_id,
                maximum_tokens=self.decoding.length,
                never=tuple(sorted(reference.never)),
            ),
            measured=measured,
        )

    def readme(self, manifest: LanguageModelManifest) -> str:
        """Code that writes a text, and the contract of prompts, states and ends."""
        return language_model_readme(manifest)


def _states(step: Signature) -> tuple[StateSpec, ...]:
    """All inputs of `step` but the ids."""
    return tuple(
        StateSpec(
            input=tensor.name, output=f"{tensor.name}_out", dtype=tensor.dtype, shape=tensor.shape
        )
        for tensor in step.inputs
        if tensor.name != "ids"
    )
