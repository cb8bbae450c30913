"""`rnn-toolkit generate --interactive`: the user and the model write a text in turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_CHOICES = 9
_SHOWN = 1500  # characters; a longer text would push the choices off the screen
_GO = 50
_HELP = f"""\
  1-{_CHOICES}        take a choice
  TEXT       append it as it is, spaces included
  /add TEXT  append what would otherwise be a command or a number
  /line      append a line end
  /go N      let the model write N tokens ({_GO} without N); Ctrl-C stops it
  /undo, u   take back the last step
  /save FILE write the text to a file
  /quit      leave (also Ctrl-D); the text is printed once more"""


class WriteTogether:
    """Shows the text and what may come next, and does what the user types.

    Args:
        predictor: a generator; `continuations` and `stream` are used.
        text: what there is to begin with.
        condition: label that steers the text.
        options: of `stream`, for `/go`.
    """

    def __init__(
        self, predictor: Any, text: str, *, condition: str | None, options: dict[str, Any]
    ) -> None:
        self.predictor = predictor
        self.condition = condition
        self.options = options
        self.versions = [text]
        self.choices: list[tuple[str, float]] = []
        self.goes = 0

    @property
    def text(self) -> str:
        """The text so far."""
        return self.versions[-1]

    def run(self) -> None:
        """Goes on until the user leaves."""
        self.predictor.stream(self.text, condition=self.condition, **self.options)  # checks them
        print("Type a number, text, or /help.")
        changed = True
        while True:
            if changed:
                self._show()
            try:
                line = input("> ")
            except (EOFError, KeyboardInterrupt):
                print()
                break
            if line.strip() == "/quit":
                break
            changed = self._do(line)
        print(self.text)

    def _show(self) -> None:
        self.choices = self.predictor.continuations(
            self.text, _CHOICES, condition=self.condition, words=True
        )
        shown = self.text if len(self.text) <= _SHOWN else f"...{self.text[-_SHOWN:]}"
        print(f"\n{shown}\n")
        width = max((len(repr(text)) for text, _ in self.choices), default=0)
        for number, (text, probability) in enumerate(self.choices, start=1):
            print(f"  {number}  {text!r:<{width}}  {100 * probability:5.1f} %")

    def _do(self, line: str) -> bool:
        """Does what a line says; whether the text changed."""
        command, _, rest = line.partition(" ")
        if not line:
            return False
        if line.isascii() and line.isdigit():
            return self._take(int(line))
        if line == "u" or command == "/undo":
            return self._undo()
        if command == "/go":
            return self._go(rest.strip())
        if command == "/add":
            return self._append(rest)
        if command == "/line":
            return self._append("\n")
        if command == "/save":
            self._save(rest.strip())
        elif command == "/help":
            print(_HELP)
        elif line.startswith("/"):
            print(f"There is no command {command}; /add writes it as text.\n{_HELP}")
        else:
            return self._append(line)
        return False

    def _append(self, more: str) -> bool:
        if not more:
            print("There is nothing to append.")
            return False
        self.versions.append(self.text + more)
        return True

    def _take(self, number: int) -> bool:
        if not 1 <= number <= len(self.choices):
            print(f"There is no choice {number}; /add {number} writes it as text.")
            return False
        return self._append(self.choices[number - 1][0])

    def _undo(self) -> bool:
        if len(self.versions) == 1:
            print("There is nothing to take back.")
            return False
        self.versions.pop()
        return True

    def _go(self, wanted: str) -> bool:
        if wanted and not (wanted.isascii() and wanted.isdigit() and int(wanted)):
            print(f"/go takes a number of tokens, not {wanted!r}.")
            return False
        options = {**self.options, "length": int(wanted) if wanted else _GO}
        options["min_length"] = min(options.get("min_length", 0), options["length"])
        if options.get("seed") is not None:
            # Going again after /undo should bring something else, and still be repeatable.
            options["seed"] += self.goes
        self.goes += 1
        from rnn_toolkit import OptionError

        pieces = []
        print(f"\n{self.text[-_SHOWN:]}", end="", flush=True)
        try:
            for piece in self.predictor.stream(self.text, condition=self.condition, **options):
                pieces.append(piece)
                print(piece, end="", flush=True)
        except KeyboardInterrupt:
            pass  # what is there stays
        except OptionError as error:
            print(f"\n{error}")
            return False
        print()
        if not pieces:
            print("The model ends the text here.")
            return False
        return self._append("".join(pieces))

    def _save(self, file: str) -> None:
        if not file:
            print("/save takes the name of a file.")
            return
        try:
            Path(file).expanduser().write_text(self.text, encoding="utf-8")
        except OSError as error:
            print(f"The text was not saved: {error}")
        else:
            print(f"Saved to {file}.")
