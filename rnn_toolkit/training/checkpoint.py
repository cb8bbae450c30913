"""What a killed training needs to go on where it was."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.training.observer import EpochRecord, LanguageModelEpoch, TranslationEpoch

Arrays = list[NDArray[Any]]


RecordType = TypeVar("RecordType", EpochRecord, LanguageModelEpoch, TranslationEpoch)


@dataclass(frozen=True)
class Checkpoint(Generic[RecordType]):
    """The state of a training after a completed epoch.

    `identity` tells what is trained on what (settings, data, versions): a checkpoint only
    continues the training that wrote it. `extra` holds whatever else the training keeps.
    """

    identity: dict[str, str]
    history: list[RecordType]
    best_epoch: int
    elapsed_seconds: float
    model: Arrays
    optimizer: Arrays
    best: Arrays
    extra: Arrays = field(default_factory=list)
    samples: list[str] = field(default_factory=list)


_ARRAYS = ("model", "optimizer", "best", "extra")


@dataclass(frozen=True)
class FitResult(Generic[RecordType]):
    """How a training went; the model holds the weights of `best_epoch` (from 1).

    `samples` are what a generator wrote after each epoch.
    """

    history: list[RecordType]
    best_epoch: int
    seconds: float
    ended: str
    samples: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """The training in words."""
        return (
            f"{len(self.history)} epochs in {self.seconds / 60:.1f} minutes; epoch "
            f"{self.best_epoch} kept; {self.ended}"
        )


def write_checkpoint(path: Path, checkpoint: Checkpoint[RecordType]) -> None:
    """Writes a checkpoint through a temporary sibling, so that it is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    described = {
        "identity": checkpoint.identity,
        "history": [asdict(record) for record in checkpoint.history],
        "best_epoch": checkpoint.best_epoch,
        "elapsed_seconds": checkpoint.elapsed_seconds,
        "samples": checkpoint.samples,
    }
    arrays = {"description": np.asarray(json.dumps(described))}
    for name in _ARRAYS:
        for index, array in enumerate(getattr(checkpoint, name)):
            arrays[f"{name}/{index}"] = array
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_checkpoint(path: Path, record: type[RecordType]) -> Checkpoint[RecordType]:
    """Reads a checkpoint.

    Args:
        path: the file.
        record: what a line of its history is.

    Raises:
        ModelDirectoryError: the file is damaged.
    """
    try:
        # numpy leaves a file open when its content is damaged: open it here instead.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            described = json.loads(str(stored["description"]))
            return Checkpoint(
                identity=described["identity"],
                history=[record(**line) for line in described["history"]],
                best_epoch=described["best_epoch"],
                elapsed_seconds=described["elapsed_seconds"],
                samples=described["samples"],
                **{name: _arrays(stored, name) for name in _ARRAYS},
            )
    except (BadZipFile, KeyError, TypeError, ValueError, EOFError, OSError):
        raise ModelDirectoryError(
            f"{path} is damaged.", "Delete it and train again without --resume."
        ) from None


def open_checkpoint(
    path: Path | None,
    record: type[RecordType],
    *,
    identity: dict[str, str],
    resume: bool,
    note: Callable[[str], None],
) -> Checkpoint[RecordType] | None:
    """The state that a training begins with, or None where it begins anew.

    Args:
        path: where an interrupted training may have left its state; None for nowhere.
        record: what a line of its history is.
        identity: of the training that begins.
        resume: whether the user wants to continue.
        note: is told what was found.

    Raises:
        OptionError: the state belongs to other settings or data.
        ModelDirectoryError: the file is damaged.
    """
    exists = path is not None and path.exists()
    if not resume:
        if exists:
            note(
                "An interrupted training stands at this place; it is being replaced "
                "(--resume would continue it)."
            )
        return None
    if path is None or not exists:
        note("No interrupted training was found; starting from the beginning.")
        return None
    found = read_checkpoint(path, record)
    changed = differences(found.identity, identity)
    if changed:
        raise OptionError(
            f"The interrupted training had another {', another '.join(changed)}.",
            "Repeat its command exactly, or train again without --resume.",
        )
    note(f"Continuing after epoch {len(found.history)}.")
    return found


def checkpoint_beside(out: Path) -> Path:
    """Where the training of a model directory keeps its state until the model is saved."""
    return out.parent / f".{out.name}.training" / "checkpoint.npz"


def _arrays(stored: Any, name: str) -> Arrays:
    count = sum(key.startswith(f"{name}/") for key in stored.files)
    return [stored[f"{name}/{index}"] for index in range(count)]


def differences(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """The names under which two identities differ."""
    return [name for name in wanted if found.get(name) != wanted[name]]


def values(variables: Sequence[Any]) -> Arrays:
    """Copies of the values of Keras variables."""
    return [np.array(variable.numpy()) for variable in variables]


def assign(variables: Sequence[Any], arrays: Arrays) -> None:
    """Sets Keras variables.

    Raises:
        ModelDirectoryError: the number or a shape does not fit.
    """
    fits = len(variables) == len(arrays) and all(
        tuple(variable.shape) == array.shape
        for variable, array in zip(variables, arrays, strict=True)
    )
    if not fits:
        raise ModelDirectoryError(
            "The checkpoint belongs to another network.", "Train again without --resume."
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def discard_checkpoint(path: Path) -> None:
    """Removes the folder of a checkpoint once its training is saved."""
    shutil.rmtree(path.parent, ignore_errors=True)
