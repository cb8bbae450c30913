"""Keeps what recipes with the same pretraining can share, so that each seed is pretrained once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from rnn_toolkit.training.observer import BatchRecord, SilentObserver

_STATE, _PRETRAINING, _TIME = "checkpoint.npz", "pretraining.npz", "preparation.json"


class SharedPretraining(SilentObserver):
    """The pretraining of one seed in a folder, with the minutes that it took.

    The toolkit's own --resume goes on from a kept pretraining where rows, network and pretraining
    settings are the same. Minutes of a training that does so are counted as if it had pretrained
    itself: from the file to its first batch it has the time of the training that did.

    Args:
        folder: of this seed.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._began = time.perf_counter()
        self._prepared: float | None = None
        self.exists = (folder / _TIME).exists()
        if not self.exists:
            (folder / _PRETRAINING).unlink(missing_ok=True)
        self.checkpoint.unlink(missing_ok=True)  # of another recipe

    @property
    def checkpoint(self) -> Path:
        """Where the training keeps its state; the pretraining is kept beside it."""
        return self._folder / _STATE

    def batch_ended(self, record: Any) -> None:
        """See TrainingObserver: the first batch of a classifier ends what is shared."""
        if isinstance(record, BatchRecord) and self._prepared is None:
            self._prepared = (time.perf_counter() - self._began) / 60

    def missing_minutes(self) -> float:
        """To be added to the minutes of the training that has ended."""
        own = self._prepared or 0.0
        place = self._folder / _TIME
        if self.exists:
            return float(json.loads(place.read_text("utf-8"))["minutes"]) - own
        place.write_text(json.dumps({"minutes": own}) + "\n", encoding="utf-8")
        return 0.0
