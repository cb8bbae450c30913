"""Writing together with a model: what the user types, and what happens to the text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnn_toolkit import OptionError
from rnn_toolkit_cli.write_together import WriteTogether

Session = Callable[..., str]


class FakeWriter:
    """Offers three words, and goes on with the letters of the alphabet."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []
        self.interrupt_after: int | None = None

    def continuations(
        self, prompt: str, count: int, *, condition: str | None, words: bool
    ) -> list[tuple[str, float]]:
        assert words
        return [(" cat", 0.5), (" dog", 0.25), ("\n", 0.125)][:count]

    def stream(self, prompt: str, *, condition: str | None, **options: Any) -> Iterator[str]:
        if "bad" in options:
            raise OptionError("There is no option 'bad'.")
        self.options.append({"prompt": prompt, "condition": condition, **options})
        return self._pieces(options.get("length", 200))

    def _pieces(self, length: int) -> Iterator[str]:
        for number in range(length):
            if number == self.interrupt_after:
                raise KeyboardInterrupt
            yield "abcdefghijklmnopqrstuvwxyz"[number % 26]


@pytest.fixture
def writer() -> FakeWriter:
    return FakeWriter()


@pytest.fixture
def session(
    writer: FakeWriter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Session:
    def run(*lines: str, text: str = "The", **options: Any) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        WriteTogether(writer, text, condition="poem", options=options).run()
        return capsys.readouterr().out

    return run


def last_text(output: str) -> str:
    """What is printed after the last answer: the whole text."""
    return output[output.rindex("> ") + 2 :].removeprefix("\n").removesuffix("\n")


def test_choices_are_shown_and_taken(session: Session) -> None:
    output = session("2", "1")
    assert re.search(r"1  ' cat' +50\.0 %\n +2  ' dog' +25\.0 %\n +3  '\\n'", output)
    assert last_text(output) == "The dog cat"


def test_other_text_is_appended_as_it_is(session: Session) -> None:
    assert last_text(session(" old  man", ", 7", " 8")) == "The old  man, 7 8"
    assert last_text(session("/add u", "/add  2", "/line", "x")) == "Theu 2\nx"


def test_steps_are_taken_back_one_by_one(session: Session) -> None:
    output = session(" old", "1", "u", "/undo", "u", "2")
    assert "nothing to take back" in output
    assert last_text(output) == "The dog"


def test_the_model_goes_on(session: Session, writer: FakeWriter) -> None:
    output = session("/go 3", "/go", "u", temperature=0.5, seed=4)
    assert last_text(output) == "Theabc"
    checked, first, second = writer.options
    assert checked["temperature"] == 0.5
    assert (first["prompt"], first["length"], first["seed"]) == ("The", 3, 4)
    assert (second["prompt"], second["length"]) == ("Theabc", 50)
    assert second["seed"] != 4, "going again must not repeat itself"
    assert {call["condition"] for call in writer.options} == {"poem"}


def test_interrupting_the_model_keeps_what_it_wrote(session: Session, writer: FakeWriter) -> None:
    writer.interrupt_after = 2
    assert last_text(session("/go 9", "!")) == "Theab!"


def test_the_text_is_saved(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "poem.txt"
    output = session(" 猫", f"/save {file}", "/save", f"/save {tmp_path / 'none' / 'x'}", "/quit")
    assert file.read_text(encoding="utf-8") == "The 猫"
    assert "takes the name of a file" in output
    assert "was not saved" in output
    assert last_text(output) == "The 猫"


def test_mistakes_are_explained_and_change_nothing(session: Session) -> None:
    output = session("7", "/go x", "/go 0", "/og 3", "/add", "")
    assert "There is no choice 7; /add 7 writes it" in output
    assert "takes a number of tokens, not 'x'" in output
    assert "takes a number of tokens, not '0'" in output
    assert "There is no command /og" in output
    assert "/undo, u" in output, "the commands are listed"
    assert last_text(output) == "The"
    assert output.count("50.0 %") == 1, "choices are shown again only when the text changed"


def test_wrong_options_are_an_error_before_anything_is_asked(session: Session) -> None:
    with pytest.raises(OptionError, match="bad"):
        session("1", bad=1)


def test_a_long_text_leaves_the_choices_on_the_screen(session: Session) -> None:
    text = "word " * 2000
    output = session(text=text)
    assert f"...{text[-1500:]}\n" in output
    assert last_text(output) == text
