"""The errors a user can meet, each with a message and a remedy.

RnnToolkitError
├── DataError                 a file or row that cannot be used
├── OptionError               an option, argument or combination that cannot be used
├── ModelDirectoryError       a model directory that is missing, damaged or too new
├── BundleError               a bundle that is missing, damaged or too new
├── ExportError               a conversion that failed
│   └── VerificationError     an exported file that answers otherwise than the model
├── MissingDependencyError    an optional package that is not installed
└── WorkerLostError           a process of a training on several machines that has ended
"""

from __future__ import annotations


class RnnToolkitError(Exception):
    """Base of every error that is the input's fault rather than the program's.

    Args:
        message: what was expected and what was found, naming file, row or option.
        remedy: what to do about it; empty when the message says it all.
    """

    exit_code = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}".strip())


class DataError(RnnToolkitError):
    """A file or row cannot be used."""


class OptionError(RnnToolkitError):
    """An option, argument or combination of them cannot be used."""


class ModelDirectoryError(RnnToolkitError):
    """A model directory is missing, damaged or written by a newer version."""


class BundleError(RnnToolkitError):
    """A bundle is missing, damaged or written by a newer version."""


class ExportError(RnnToolkitError):
    """A conversion failed."""

    exit_code = 1


class VerificationError(ExportError):
    """An exported file answers otherwise than the model it came from."""


class MissingDependencyError(RnnToolkitError):
    """An optional package is not installed."""


class WorkerLostError(RnnToolkitError):
    """A process of a training on several machines has ended or cannot be reached."""

    exit_code = 1
