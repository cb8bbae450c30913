"""The recurrent network of `fast` in PyTorch: the same ids, sizes, dropouts and steps."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_toolkit.config import NetworkConfig, TrainingConfig
from rnn_toolkit.data.batching import EncodedTexts, batches_per_epoch, epoch_batches, pad_rows
from rnn_toolkit.runtime.classifier import batches_by_length

_UNKNOWN = 1


class TorchTwin(nn.Module):
    """Embedding, bidirectional LSTM, mean and maximum, head.

    Args:
        config: the toolkit's settings.
        vocabulary: number of ids.
    """

    def __init__(self, config: NetworkConfig, vocabulary: int) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(vocabulary, config.embedding_size)
        self.lstm = nn.LSTM(
            config.embedding_size, config.units, batch_first=True, bidirectional=True
        )
        self.head = nn.Linear(4 * config.units, 2)
        self._begin_like_keras()

    def _begin_like_keras(self) -> None:
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        units = self.config.units
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(parameter)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(parameter)
            else:
                nn.init.zeros_(parameter)
                if name.startswith("bias_ih"):  # forget gate, the second of four
                    nn.init.ones_(parameter.data[units : 2 * units])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """[batch, time] ids to [batch, 2] logits."""
        if self.training:
            hide = (torch.rand(ids.shape) < self.config.word_dropout) & (ids != 0)
            ids = ids.masked_fill(hide, _UNKNOWN)
        real = ids != 0
        hidden = self._channels_hidden(self.embedding(ids))
        packed = pack_padded_sequence(hidden, real.sum(1), batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        weights = real[:, : outputs.shape[1], None].to(outputs.dtype)
        mean = (outputs * weights).sum(1) / weights.sum(1).clamp(min=1)
        highest = (outputs * weights + (1 - weights) * -1e9).amax(1)
        pooled = nn.functional.dropout(
            torch.cat([mean, highest], 1), self.config.output_dropout, self.training
        )
        return self.head(pooled)

    def _channels_hidden(self, hidden: torch.Tensor) -> torch.Tensor:
        """The same channels of a row hidden at each step."""
        if not self.training:
            return hidden
        rate = self.config.embedding_dropout
        kept = torch.rand(hidden.shape[0], 1, hidden.shape[2]) >= rate
        return hidden * kept / (1 - rate)


def fit(
    training: EncodedTexts, validation: EncodedTexts, *, vocabulary: int, config: TrainingConfig
) -> TorchTwin:
    """Trains as the toolkit's `fast` does: buckets, Adam, warm-up and decline, best epoch.

    Args:
        training: rows to learn from.
        validation: rows that choose the best epoch.
        vocabulary: number of ids.
        config: the toolkit's settings, with epochs and batch size.
    """
    torch.manual_seed(config.seed)
    model = TorchTwin(NetworkConfig(), vocabulary)
    epochs, size = config.epochs or 1, config.batch_size or 1
    total = epochs * batches_per_epoch(len(training), size)
    warmup = max(int(config.warmup * total), 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, eps=1e-7)
    step, best, best_loss = count(), copy.deepcopy(model.state_dict()), float("inf")
    for epoch in range(epochs):
        model.train()
        for ids, labels, _ in epoch_batches(
            training, batch_size=size, seed=config.seed, epoch=epoch
        ):
            number = next(step)
            share = min((number + 1) / warmup, (total - number) / max(total - warmup, 1))
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * min(max(share, 0.0), 1.0)
            optimizer.zero_grad(set_to_none=True)
            logits = model(torch.from_numpy(ids).long())
            nn.functional.cross_entropy(
                logits, torch.from_numpy(labels).long(), label_smoothing=config.label_smoothing
            ).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), config.gradient_clip)
            optimizer.step()
        found = probabilities(model, validation.ids)
        of_label = np.where(validation.labels == 1, found, 1 - found)
        loss = float(-np.log(np.clip(of_label, 1e-7, 1)).mean())
        if loss < best_loss:
            best, best_loss = copy.deepcopy(model.state_dict()), loss
    model.load_state_dict(best)
    return model


def probabilities(model: TorchTwin, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
    """Of the second class."""
    model.eval()
    found = np.zeros(len(rows), np.float32)
    with torch.inference_mode():
        for chosen in batches_by_length([len(row) for row in rows]):
            ids = torch.from_numpy(pad_rows(rows, np.asarray(chosen))).long()
            found[chosen] = model(ids).softmax(1)[:, 1].numpy()
    return found
