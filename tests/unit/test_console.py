"""Tables of the console program, on a screen and in a pipe."""

from __future__ import annotations

import io
import re

import pytest

from rnn_toolkit_cli.console import table

COLUMNS = ["cell", "what it is", "parameters"]
LONG = "the multiplicative LSTM, for models of sequences of characters in any language"
ROWS = [["multiplicative_lstm", LONG, "41,216"], ["gru", "short", "24,960"]]


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_row_in_a_pipe_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    table("Cells", COLUMNS, ROWS, words=2)
    (found,) = [line for line in capsys.readouterr().out.splitlines() if "plicative_l" in line]
    assert found.split() == ["multiplicative_lstm", *LONG.split(), "41,216"]


def test_a_name_on_a_narrow_screen_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    table("Cells", COLUMNS, ROWS, words=2)
    lines = re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue()).splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.split()[:1] == ["multiplicative_lstm"] for line in lines)
