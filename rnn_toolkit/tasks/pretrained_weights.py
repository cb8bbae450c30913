"""The weights of a model that was exported to ONNX, to go on training from.

A quantised file holds nearly all of them already, so that a bundle that others may fine-tune
needs only a list of where each one is, and those few that the converter turned into something
else (the kernels of LSTM and GRU operators, whose gates stand in another order).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.bundle.manifest import Manifest
from rnn_toolkit.config import Settings
from rnn_toolkit.errors import BundleError, ExportError
from rnn_toolkit.training.warm_start import named_weights

PLACES_NAME = "weights.json"
REST_NAME = "weights.npz"

Array = NDArray[np.float32]

_SMALLEST_INT8 = 1024  # numbers; fewer are stored as they are
_LARGEST_INT8 = 127
_ROUNDING = 0.501  # of a step of the scale, by which an int8 number may be off


class WeightPlace(Settings):
    """Where a weight is.

    Args:
        layer: its layer.
        weight: its place in the layer, see `named_weights`.
        shape: its shape.
        file: an ONNX file that holds it; None where weights.npz does, under its number.
        tensor: its name there.
        transposed: whether that one's two axes are the other way round.
    """

    layer: str
    weight: str
    shape: tuple[int, ...]
    file: str | None = None
    tensor: str | None = None
    transposed: bool = False


class WeightPlaces(Settings):
    """weights.json."""

    weights: tuple[WeightPlace, ...]


def write_weights(directory: Path, manifest: Manifest, model: keras.Model) -> None:
    """Adds to an ONNX bundle what is needed to read the model's weights back from it.

    Args:
        directory: the bundle; its manifest has to be written anew afterwards.
        manifest: of the bundle.
        model: that was exported.

    Raises:
        ExportError: the bundle is no ONNX bundle.
    """
    if manifest.format != "onnx":
        raise ExportError(f"Weights are read back from ONNX bundles, not {manifest.format}.")
    stored = {name: dict(_tensors(directory / name)) for name in manifest.model_files}
    places: list[WeightPlace] = []
    rest: dict[str, Any] = {}
    for number, ((layer, weight), variable) in enumerate(named_weights(model)):
        values = np.asarray(variable.numpy(), np.float32)
        place = WeightPlace(layer=layer, weight=weight, shape=values.shape)
        found = _find(values, stored)
        if found is None:
            rest.update(_as_arrays(str(number), values))
        else:
            place = place.model_copy(update=found)
        places.append(place)
    np.savez_compressed(directory / REST_NAME, **rest)
    text = WeightPlaces(weights=tuple(places)).model_dump_json(exclude_defaults=True)
    (directory / PLACES_NAME).write_text(f"{text}\n", encoding="utf-8")


def has_weights(directory: Path) -> bool:
    """Whether a bundle tells where its weights are."""
    return (directory / PLACES_NAME).is_file()


def read_weights(directory: Path, model: keras.Model) -> None:
    """Gives a model the weights of a bundle.

    Args:
        directory: of the bundle.
        model: built as the exported one was.

    Raises:
        BundleError: the bundle has no weights, or those of another model.
    """
    problem = BundleError(
        f"{directory} does not hold the weights of this network.", "Install rnn-toolkit again."
    )
    try:
        listed = WeightPlaces.model_validate_json((directory / PLACES_NAME).read_bytes()).weights
        with np.load(directory / REST_NAME, allow_pickle=False) as archive:
            rest = {name: archive[name] for name in archive.files}
        files = {place.file for place in listed if place.file is not None}
        stored = {name: dict(_tensors(directory / name)) for name in files}
        places = {(place.layer, place.weight): n for n, place in enumerate(listed)}
        for key, variable in named_weights(model):
            number = places.pop(key)
            values = _value(listed[number], number, stored, rest)
            if values.shape != tuple(variable.shape):
                raise problem
            variable.assign(values)
    except FileNotFoundError as error:
        raise BundleError(
            f"{directory} holds no weights to train on from ({Path(str(error.filename)).name} is "
            "missing).",
            "Start from a model directory or from a pretrained model.",
        ) from None
    except (OSError, EOFError, KeyError, ValueError, BadZipFile):
        raise problem from None
    if places:
        raise problem


def _value(
    place: WeightPlace,
    number: int,
    stored: dict[str, dict[str, tuple[Array, Array | None]]],
    rest: dict[str, NDArray[Any]],
) -> Array:
    if place.file is not None and place.tensor is not None:
        values = stored[place.file][place.tensor][0]
        return values.T if place.transposed else values
    scale = rest.get(f"{number}_scale")
    values = np.asarray(rest[str(number)], np.float32)
    return values if scale is None else values * scale


def _as_arrays(name: str, values: Array) -> dict[str, NDArray[Any]]:
    """A weight in int8 with a scale per column, or as it is where it is small."""
    if values.size < _SMALLEST_INT8:
        return {name: values}
    others = tuple(range(values.ndim - 1))
    scale = np.maximum(np.abs(values).max(axis=others, keepdims=True), 1e-12) / _LARGEST_INT8
    integers = np.rint(values / scale).astype(np.int8)
    return {name: integers, f"{name}_scale": scale.astype(np.float32)}


def _find(
    values: Array, stored: dict[str, dict[str, tuple[Array, Array | None]]]
) -> dict[str, Any] | None:
    """The file and tensor that hold a weight, but for rounding."""
    for file, tensors in stored.items():
        for name, (tensor, scale) in tensors.items():
            for transposed in (False, True) if values.ndim == 2 else (False,):
                wanted = values.T if transposed else values
                if tensor.shape != wanted.shape:
                    continue
                allowed = 1e-7 if scale is None else _ROUNDING * scale
                if np.all(np.abs(tensor - wanted) <= allowed):
                    return {"file": file, "tensor": name, "transposed": transposed}
    return None


def _tensors(path: Path) -> Iterator[tuple[str, tuple[Array, Array | None]]]:
    """The weights of an ONNX file by name: values, and the scale of those stored in int8."""
    import onnx
    from onnx import numpy_helper

    raw: dict[str, NDArray[Any]] = {}
    graphs = [onnx.load(str(path)).graph]
    while graphs:
        graph = graphs.pop()
        raw.update({each.name: numpy_helper.to_array(each) for each in graph.initializer})
        for node in graph.node:
            graphs += [each.g for each in node.attribute if each.type == onnx.AttributeProto.GRAPH]
    for name, values in raw.items():
        if name.endswith("_stored"):
            scale = raw.get(f"{name.removesuffix('_stored')}_scale")
            exact = values.astype(np.float32)
            yield name, (exact, None) if scale is None else (exact * scale, scale)
        elif values.dtype == np.float32 and not name.endswith("_scale"):
            yield name, (values, None)
