"""The training of an encoder and decoder: loss, averaging, resume, warm start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.config import Seq2SeqConfig, TranslationTrainingConfig
from rnn_toolkit.data.pair_batches import EncodedPairs, ordered_batches
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.networks.seq2seq import (
    LOGITS_LAYER,
    SOURCE_EMBEDDING,
    TARGET_EMBEDDING,
    build_seq2seq,
)
from rnn_toolkit.training.fit_translation import TranslationFit
from rnn_toolkit.training.observer import SilentObserver, TranslationEpoch
from rnn_toolkit.training.translation_step import TranslationStep
from rnn_toolkit.training.warm_start import warm_start

VOCABULARY = 12


def _model(source: int = VOCABULARY, target: int = VOCABULARY, seed: int = 5) -> keras.Model:
    keras.utils.set_random_seed(seed)
    network = Seq2SeqConfig(
        units=16, embedding_size=16, input_dropout=0.1, memory_dropout=0, output_dropout=0
    )
    return build_seq2seq(network, source_size=source, target_size=target, seed=seed)


def _reversals(count: int, seed: int) -> EncodedPairs:
    """Short sequences whose translation is themselves, backwards."""
    generator = np.random.default_rng(seed)
    sources = [
        generator.integers(4, VOCABULARY, generator.integers(1, 5)).astype(np.int32)
        for _ in range(count)
    ]
    return EncodedPairs(sources, [source[::-1] for source in sources])


def _fit(model: keras.Model, checkpoint: Path | None = None, **options: Any) -> TranslationFit:
    settings = {"epochs": 3, "batch_tokens": 60, "learning_rate": 1e-2, **options}
    return TranslationFit(
        model,
        _reversals(60, 1),
        _reversals(10, 2),
        TranslationTrainingConfig(**settings),
        observer=SilentObserver(),
        bleu=None,
        sample=lambda: "",
        checkpoint_path=checkpoint,
        identity={"of": "this test"},
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_the_smoothed_loss_is_keras_own(smoothing: float) -> None:
    model = _model()
    batch = next(ordered_batches(_reversals(6, 3), batch_tokens=1000))
    step = TranslationStep(
        model,
        keras.optimizers.SGD(0.0),
        label_smoothing=smoothing,
        gradient_clip=1e9,
        seed=1,
    )
    logits = model([batch.source_ids, batch.decoder_inputs], training=False)
    targets = tf.constant(batch.decoder_targets)
    real = batch.decoder_targets != 0
    losses = keras.losses.categorical_crossentropy(
        tf.one_hot(targets, VOCABULARY), logits, from_logits=True, label_smoothing=smoothing
    ).numpy()
    plain = tf.reduce_sum(
        tf.where(real, tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits), 0)
    )
    found = step._smoothed(plain, logits, targets)
    np.testing.assert_allclose(float(found), losses[real].sum(), rtol=1e-5)
    assert step.evaluate([batch]) == pytest.approx(float(plain) / real.sum(), rel=1e-6)


def test_scheduled_sampling_feeds_back_what_the_model_would_write() -> None:
    """With weights that never change, only the inputs differ: all own, none of the reference."""
    batch = next(ordered_batches(_reversals(30, 3), batch_tokens=1000))
    losses = {}
    for share in (0.0, 1.0):
        step = TranslationStep(
            _model(), keras.optimizers.SGD(0.0), label_smoothing=0, gradient_clip=1.0, seed=1
        )
        losses[share] = step.update(batch, own_share=share)[0]
    assert losses[0.0] != losses[1.0]


def test_it_learns_to_turn_sequences_round() -> None:
    model = _model()
    fit = _fit(model, epochs=40, average_from=0.3, patience=40)
    fit.training = _reversals(300, 1)
    result = fit.run(resume=False)
    assert result.history[-1].best_loss < 0.3 < result.history[0].validation_loss
    assert any(record.averaged_loss is not None for record in result.history)
    kept = result.history[result.best_epoch - 1].best_loss
    assert fit.validation_loss() == pytest.approx(kept, rel=1e-5)
    assert kept == min(record.best_loss for record in result.history)


def test_a_resumed_training_ends_where_an_unbroken_one_does(tmp_path: Path) -> None:
    options = {"scheduled_sampling": 0.5, "average_from": 0.3, "epochs": 4}
    whole = _model()
    _fit(whole, **options).run(resume=False)

    broken = _model()
    fit = _fit(broken, tmp_path / "state.npz", **options)
    fit.epochs = 2  # as if it were killed there; the schedule still has four
    fit.progress = _progress_of(fit, 4)  # type: ignore[method-assign]
    fit.run(resume=False)
    again = _model(seed=9)
    result = _fit(again, tmp_path / "state.npz", **options).run(resume=True)
    assert len(result.history) == 4
    for one, other in zip(whole.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def _progress_of(fit: TranslationFit, epochs: int) -> Any:
    return lambda epoch, batch: (epoch + batch / fit.batches) / epochs


def test_another_training_is_not_continued(tmp_path: Path) -> None:
    _fit(_model(), tmp_path / "state.npz", epochs=1).run(resume=False)
    other = _fit(_model(), tmp_path / "state.npz", epochs=1)
    other.identity = {"of": "another test"}
    with pytest.raises(OptionError, match="another of"):
        other.run(resume=True)


def test_a_loss_that_explodes_is_said() -> None:
    model = _model()
    bias = model.get_layer(TARGET_EMBEDDING).bias
    bias.assign(np.full(VOCABULARY, np.nan, np.float32))
    with pytest.raises(DataError, match="learning rate"):
        _fit(model).run(resume=False)


def test_epochs_are_compared_by_what_was_asked_for() -> None:
    def epoch(loss: float, averaged: float | None, bleu: float) -> TranslationEpoch:
        return TranslationEpoch(1, 1.0, loss, averaged, bleu, 1e-3, 1.0, 1.0, 1.0)

    worse, better = epoch(2.0, None, 30.0), epoch(2.5, 1.5, 20.0)
    assert better.score("loss") > worse.score("loss")
    assert worse.score("bleu") > better.score("bleu")


def test_a_warm_start_knows_the_columns_of_a_square_kernel() -> None:
    """With as many tokens as units, the shape does not tell which axis counts the tokens."""
    tokens = [str(number) for number in range(16)]

    def model(seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        network = Seq2SeqConfig(units=4, embedding_size=16, tied=False)
        return build_seq2seq(network, source_size=16, target_size=16, seed=seed)

    new, earlier = model(1), model(2)
    warm_start(new, earlier, {LOGITS_LAYER: (tokens[::-1], tokens)})
    kernels = [each.get_layer(LOGITS_LAYER).get_weights()[0] for each in (new, earlier)]
    np.testing.assert_array_equal(kernels[0], kernels[1][:, ::-1])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cell": "lstm", "layers": 2, "connection": "residual", "tied": False},
        {"cell": "min_gru", "copy_words": True, "attention": "multi_head"},
        {"cell": "layer_norm_lstm", "decoder_layers": 2},
        {"bidirectional": False, "layer_norm": True, "coverage": True, "decoder_layers": 2},
    ],
)
def test_a_warm_start_takes_every_weight_of_a_model_from_a_file(
    options: dict[str, Any], tmp_path: Path
) -> None:
    network = Seq2SeqConfig(units=4, embedding_size=4, **options)
    earlier = build_seq2seq(network, source_size=9, target_size=9, seed=1)
    earlier.save(tmp_path / "model.keras")
    model = build_seq2seq(network, source_size=9, target_size=9, seed=2)
    found = warm_start(model, keras.saving.load_model(tmp_path / "model.keras"), {})
    assert found.fresh == ()
    assert found.taken == len(model.weights)
    for one, other in zip(model.get_weights(), earlier.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_warm_start_matches_rows_by_token() -> None:
    old_tokens = ["pad", "unknown", "begin", "end", "house", "tree"]
    new_tokens = ["pad", "unknown", "begin", "end", "tree", "sea", "house"]
    earlier, model = _model(6, 6, seed=1), _model(7, 7, seed=2)
    before = model.get_layer(SOURCE_EMBEDDING).get_weights()[0].copy()
    found = warm_start(
        model,
        earlier,
        {
            SOURCE_EMBEDDING: (new_tokens, old_tokens),
            TARGET_EMBEDDING: (new_tokens, old_tokens),
        },
    )
    for layer in (SOURCE_EMBEDDING, TARGET_EMBEDDING):
        new = model.get_layer(layer).get_weights()[0]
        old = earlier.get_layer(layer).get_weights()[0]
        np.testing.assert_array_equal(new[4], old[5])
        np.testing.assert_array_equal(new[6], old[4])
    np.testing.assert_array_equal(model.get_layer(SOURCE_EMBEDDING).get_weights()[0][5], before[5])
    bias_new = model.get_layer(TARGET_EMBEDDING).bias.numpy()
    assert bias_new.shape == (7,)
    decoder = [layer.get_layer("decoder").get_weights() for layer in (model, earlier)]
    for one, other in zip(*decoder, strict=True):
        np.testing.assert_array_equal(one, other)
    assert found.fresh == ()
    assert "18 of 21" in found.sentence()
