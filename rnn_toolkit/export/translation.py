"""What a bundle tells of a translation model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import keras
import numpy as np

from rnn_toolkit._version import __version__
from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.bundle.translation import (
    DecoderState,
    SourceTokenizerSpec,
    TargetTokenizerSpec,
    TranslationDefaults,
    TranslationGoldenRow,
    TranslationManifest,
    TranslationMeasured,
)
from rnn_toolkit.config import ExportOptions, TranslationConfig
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.subject import Judge, Subject, Verified
from rnn_toolkit.export.tolerance import NO_BUNDLE, Expectation
from rnn_toolkit.export.translation_readme import translation_readme
from rnn_toolkit.export.verify_translation import (
    check_strings,
    compare_decoders,
    compare_translations,
)
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.networks.seq2seq_steps import (
    DECODE_STEP,
    ENCODE,
    KerasEncoderDecoder,
    seq2seq_faces,
)
from rnn_toolkit.runtime.encoder_decoder import BundleEncoderDecoder
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.runtime.translator_bundle import (
    TranslationGoldenCheck,
    first_step,
    greedy_path,
    source_ids,
)
from rnn_toolkit.text.description import BEGIN_ID, END_ID
from rnn_toolkit.text.side_tokenizers import SideTokenizers, chosen
from rnn_toolkit.text.tokenizer import Tokenizer

TRANSLATE = "translate"
_LOGITS, _LIKELIEST, _GOLDEN_OWN = 32, 10, 4


@dataclass(frozen=True)
class TranslationToExport(Subject[TranslationMeasured, TranslationManifest]):
    """A trained translation model with all that a bundle tells of it."""

    model: keras.Model
    tokenizers: SideTokenizers
    config: TranslationConfig
    rows: Sequence[str]
    """Source texts on which the exported file is compared with the model."""
    defaults: TranslationOptions = field(default_factory=TranslationOptions)
    """How translations are searched for unless the caller says otherwise."""
    task: str = "translation"
    judge: Judge | None = None

    def faces(self) -> list[Face]:
        """`encode` for source texts and `decode_step` for one target id after another."""
        return list(seq2seq_faces(self.model))

    def string_faces(self) -> list[Face]:
        """`translate`: raw strings in, greedy translations out; not for a shared vocabulary."""
        if not isinstance(self.tokenizers.source, Tokenizer):
            return []
        from rnn_toolkit.export.translation_text import translate_face

        options = self._reference.options(beam=1, replace_unknown=False)
        return [
            translate_face(
                self.faces(),
                self.tokenizers,
                source_kind=chosen(self.config.tokenizer.source),
                options=options,
                never=sorted(self._reference.never(options)),
                name=TRANSLATE,
            )
        ]

    def write_assets(self, directory: Path) -> None:
        """Tokenizers and vocabularies; tokens may hold line ends, so that they are JSON."""
        self.tokenizers.save(directory)
        for side, tokenizer in (
            ("source", self.tokenizers.source),
            ("target", self.tokenizers.target),
        ):
            vocabulary = json.dumps(tokenizer.vocabulary(), ensure_ascii=False, indent=0)
            (directory / f"{side}_vocab.json").write_text(vocabulary + "\n", encoding="utf-8")

    def predictor(
        self, exported: SignatureModel, signatures: Mapping[str, Signature]
    ) -> TranslatorPredictor:
        """Tokenizers and an exported file."""
        states, passed_on = _inputs(signatures)
        steps = BundleEncoderDecoder(
            exported,
            inputs=[*passed_on, *(state.input for state in states)],
            states=[state.input for state in states],
            vocabulary_size=self.tokenizers.target_size,
        )
        return TranslatorPredictor(self.tokenizers, steps, defaults=self.defaults)

    def verify(
        self,
        exported: SignatureModel,
        signatures: Mapping[str, Signature],
        model_bytes: int,
        expectation: Expectation,
    ) -> Verified[TranslationMeasured]:
        """Golden rows, every step along real translations, and beam searches."""
        predictor = self.predictor(exported, signatures)
        check = TranslationGoldenCheck(predictor, expectation.of_golden)
        reference = self._reference if expectation.exact else predictor
        golden = [
            self._golden_row(reference, text, expectation.close) for text in self._golden_texts()
        ]
        for row in golden:
            problems = check.problems(row)
            if problems:
                raise VerificationError(
                    f"For the text {row.text[:60]!r} the exported model answers otherwise than "
                    f"the model: {'; '.join(problems)}.",
                    NO_BUNDLE,
                )
        read = [row.ids for row in golden] + [source_ids(predictor, text) for text in self.rows]
        found = compare_decoders(
            self._reference.model,
            predictor.model,
            [ids for ids in read if ids],
            tolerance=expectation.of_model,
        )
        texts = [*(row.text for row in golden), *self.rows]
        same, ties = compare_translations(
            self._reference, predictor, texts, exact=expectation.exact
        )
        if TRANSLATE in signatures:
            check_strings(self._reference, exported, TRANSLATE, texts)
        measured = TranslationMeasured(
            texts=len(texts),
            steps=found.steps,
            largest_difference=max(check.largest, found.largest_difference),
            tolerance=expectation.of_golden,
            same_translations=same,
            ties=ties,
            encode_milliseconds=found.encode_milliseconds,
            milliseconds_per_step=found.milliseconds_per_step,
            model_bytes=model_bytes,
        )
        return Verified(golden, measured)

    @cached_property
    def _reference(self) -> TranslatorPredictor:
        steps = KerasEncoderDecoder(self.model)
        return TranslatorPredictor(self.tokenizers, steps, defaults=self.defaults)

    def _golden_texts(self) -> list[str]:
        return [*GOLDEN_TEXTS, *self.rows[:_GOLDEN_OWN]]

    def _golden_row(
        self, reference: TranslatorPredictor, text: str, close: float
    ) -> TranslationGoldenRow:
        ids = source_ids(reference, text)
        if not ids:
            return TranslationGoldenRow(
                text=text, ids=(), logits=(), top=(), attention=(), greedy=(), text_of_greedy=""
            )
        logits, attention = first_step(reference.model, ids)
        likeliest = np.argsort(-logits, kind="stable")[:_LIKELIEST].tolist()
        path = greedy_path(reference, ids, close=close)
        whole = path.ended and path.safe == len(path.ids) + 1
        greedy = path.ids[: path.safe]
        return TranslationGoldenRow(
            text=text,
            ids=ids,
            logits=tuple(_rounded(value) for value in logits[:_LOGITS]),
            top=tuple((number, _rounded(logits[number])) for number in likeliest),
            attention=tuple(_rounded(value) for value in attention),
            greedy=greedy,
            text_of_greedy=self.tokenizers.decode_target(greedy) if whole else None,
        )

    def manifest(
        self,
        format_name: str,
        options: ExportOptions,
        signatures: dict[str, Signature],
        measured: TranslationMeasured,
    ) -> TranslationManifest:
        """Tokenizers, states, decoding, signatures."""
        states, passed_on = _inputs(signatures)
        source, target = self.tokenizers.source, self.tokenizers.target
        kinds = self.config.tokenizer
        greedy = self._reference.options(beam=1, replace_unknown=False)
        return TranslationManifest(
            toolkit_version=__version__,
            task=self.task,
            format=format_name,
            variant=options.variant,
            network=self.config.network,
            vocabulary_size=self.tokenizers.target_size,
            shared_vocabulary=self.tokenizers.shared,
            source_tokenizer=SourceTokenizerSpec(
                kind=chosen(kinds.source),
                lowercase=isinstance(source, Tokenizer) and source.lowercases,
                vocabulary_size=self.tokenizers.source_size,
                maximum_length=self.tokenizers.maximum_length,
                leading_space=self.tokenizers.shared and target.kind != "char",
            ),
            tokenizer=TargetTokenizerSpec(
                kind=chosen(kinds.target),
                begin_id=BEGIN_ID,
                end_id=END_ID,
                byte_level=target.kind == "subword",
                leading_space=target.kind != "char",
            ),
            signatures=signatures,
            states=states,
            passed_on=passed_on,
            decoding=TranslationDefaults.model_validate(
                self.defaults.model_dump(include=set(TranslationDefaults.model_fields))
            ),
            never=tuple(sorted(self._reference.never(greedy))),
            measured=measured,
        )

    def readme(self, manifest: TranslationManifest) -> str:
        """Code that translates a text, and the contract of states and ends."""
        return translation_readme(manifest)


def _inputs(
    signatures: Mapping[str, Signature],
) -> tuple[tuple[DecoderState, ...], tuple[str, ...]]:
    """The states among the inputs of `decode_step`, and the inputs that never change."""
    step = signatures[DECODE_STEP]
    given = {tensor.name for tensor in (*step.outputs, *signatures[ENCODE].outputs)}
    states = tuple(
        DecoderState(
            input=tensor.name, output=f"{tensor.name}_out", dtype=tensor.dtype, shape=tensor.shape
        )
        for tensor in step.inputs
        if f"{tensor.name}_out" in given
    )
    changing = {"id", *(state.input for state in states)}
    return states, tuple(tensor.name for tensor in step.inputs if tensor.name not in changing)


def _rounded(value: float) -> float:
    return float(f"{value:.7g}")
