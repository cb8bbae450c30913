from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rnn_toolkit.config import SentimentConfig, read_recipe, recipe_names
from rnn_toolkit.errors import OptionError
from rnn_toolkit.tasks.options import sentiment_config

NAMES = [
    "adversarial", "distil", "fast", "mixed", "pretrained-lm", "vectors", "virtual-adversarial",
]  # fmt: skip


def files(name: str) -> dict[str, str]:
    needs = read_recipe(name).needs
    return {needs: "some.csv"} if needs else {}


def test_the_recipes_of_the_toolkit() -> None:
    assert sorted(recipe_names()) == NAMES
    assert recipe_names()[0] == "fast"


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_a_whole_configuration(name: str) -> None:
    config = sentiment_config({"recipe": name, **files(name)})
    assert config.recipe == name
    assert SentimentConfig.model_validate_json(config.model_dump_json()) == config


def test_an_option_wins_over_the_recipe() -> None:
    config = sentiment_config({"recipe": "pretrained-lm", "units": 7, "pretraining_epochs": 5})
    assert (config.network.units, config.network.embedding_size) == (7, 128)
    assert config.pretraining.epochs == 5


def test_a_recipe_trains_longer_in_proportion_to_the_rows() -> None:
    training = sentiment_config({"recipe": "adversarial"}).training
    assert [training.for_rows(rows).epochs for rows in (200, 25_000)] == [17, 5]
    asked = sentiment_config({"recipe": "adversarial", "epochs": 2}).training
    assert asked.for_rows(25_000).epochs == 2


def test_vectors_of_a_file_stand_in_for_trained_ones() -> None:
    config = sentiment_config({"recipe": "pretrained-lm", "embeddings": "glove.txt"})
    assert not config.vectors.train
    assert config.pretraining.epochs


def test_unlabelled_texts_alone_are_for_vectors() -> None:
    assert sentiment_config({"unlabelled": "more.txt"}).vectors.train
    assert not sentiment_config({}).vectors.train
    own = sentiment_config({"unlabelled": "more.txt", "pretraining_epochs": 1})
    assert not own.vectors.train


def test_a_recipe_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('summary = "Mine."\n[settings.network]\nunits = 12\n', encoding="utf-8")
    config = sentiment_config({"recipe": str(file)})
    assert (config.network.units, config.recipe) == (12, str(file))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('summary = "x"\n[settings.nets]\nunits = 1\n', "there is no part 'nets'. Choose from"),
        ('summary = "x"\n[settings.network]\nunit = 1\n', "There is no option 'unit'"),
        ("units = 1\n", "Option summary: Field required"),
        ("summary = \n", "Correct the file"),
    ],
)
def test_a_recipe_with_a_mistake(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match=message):
        sentiment_config({"recipe": str(file)})


def test_what_a_recipe_needs_is_asked_for() -> None:
    with pytest.raises(OptionError, match="mixed needs --unlabelled FILE"):
        sentiment_config({"recipe": "mixed"})
    with pytest.raises(OptionError, match="distil needs --teacher FILE"):
        sentiment_config({"recipe": "distil"})
    with pytest.raises(OptionError, match=r"There is no recipe 'slow'\. Choose from: adversarial"):
        sentiment_config({"recipe": "slow"})


def test_the_form_of_earlier_versions_is_read() -> None:
    written = json.loads(sentiment_config({"unlabelled": "more.txt"}).model_dump_json())
    for part in ("unlabelled", "pretraining", "objective", "teacher", "recipe"):
        del written[part]
    del written["vectors"]["train"]
    written["vectors"]["unlabelled"] = "more.txt"
    del written["network"]["pair_fit"]
    config = SentimentConfig.model_validate(written)
    assert config.network.pair_fit == "jointly"  # the only way there was
    assert sentiment_config({}).network.pair_fit == "naive_bayes"
    assert config.vectors.train
    assert config.unlabelled.file == "more.txt"


def test_reading_recipes_needs_no_tensorflow() -> None:
    code = (
        "import sys; from rnn_toolkit import recipe_names; recipe_names(); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    import subprocess
    import sys

    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ)).returncode == 0
