"""The recurrent layers of a model, and the weights of each layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import keras

from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.recurrent import ReplaceableLoop


@dataclass(frozen=True)
class FoundLayer:
    """A recurrent layer of a model.

    `name` is that of the network's layer, the same for both directions of a pair; `layer` is
    the layer that runs, `paired` whether it is one of two in a Bidirectional.
    """

    name: str
    direction: Literal["forward", "backward"]
    layer: Any
    paired: bool

    @property
    def cell(self) -> str:
        """The kind of cell, as its class is called."""
        return type(self.layer.cell).__name__


def recurrent_layers(model: keras.Model) -> list[FoundLayer]:
    """All recurrent layers of a model, those of nested models and pairs included, in order.

    Raises:
        OptionError: there is none, two have the same name, or one is not of this toolkit, so
            that its run over time cannot be watched.
    """
    found = list(each_recurrent_layer(model))
    if not found:
        raise OptionError(f"The model {model.name!r} has no recurrent layer.")
    names = [entry.layer.name for entry in found]
    for entry in found:
        if not isinstance(entry.layer, ReplaceableLoop):
            raise OptionError(
                f"The layer {entry.layer.name} is a plain {type(entry.layer).__name__} of Keras.",
                "Build it with rnn_toolkit.layers.recurrent.recurrent_layer.",
            )
        if names.count(entry.layer.name) > 1:
            raise OptionError(f"Two recurrent layers are called {entry.layer.name!r}.")
    return found


def each_recurrent_layer(model: Any) -> Iterator[FoundLayer]:
    """The recurrent layers of a model in order, whatever they are; there may be none."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Bidirectional):
            name = layer.forward_layer.name.removeprefix("forward_")
            yield FoundLayer(name, "forward", layer.forward_layer, paired=True)
            yield FoundLayer(name, "backward", layer.backward_layer, paired=True)
        elif isinstance(layer, keras.layers.RNN):
            yield FoundLayer(
                layer.name, "backward" if layer.go_backwards else "forward", layer, paired=False
            )
        elif isinstance(layer, keras.Model):
            yield from each_recurrent_layer(layer)


def weights_by_layer(model: keras.Model) -> dict[str, list[Any]]:
    """The trainable weights of each layer that has some; both directions of a pair apart."""
    groups: dict[str, list[Any]] = {}
    for layer in model.layers:
        pair = isinstance(layer, keras.layers.Bidirectional)
        for part in (layer.forward_layer, layer.backward_layer) if pair else (layer,):
            if part.trainable_weights:
                groups[part.name] = list(part.trainable_weights)
    return groups
