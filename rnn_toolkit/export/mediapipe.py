"""What MediaPipe's Text Classifier reads in a TFLite file, so that an app needs no code for it.

A flatbuffer (schema "M001" of TensorFlow Lite's metadata) in a buffer of the model says how texts
are cut; vocabulary and labels are files of a zip archive behind the model. MediaPipe cuts a text
at every match of a regular expression and looks the pieces up as they are: it has no
lower-casing, no Unicode normalisation and no tokens made of delimiters.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import flatbuffers

from rnn_toolkit.config import TokenizerKind
from rnn_toolkit.text.characters import CodePoints, delimiters
from rnn_toolkit.text.tokenizer import Tokenizer

VOCABULARY_FILE, LABELS_FILE = "vocab.txt", "labels.txt"
_METADATA_NAME = "TFLITE_METADATA"
_IDENTIFIER, _MODEL_IDENTIFIER = b"M001", b"TFL3"
_PARSER_VERSION = "1.2.1"  # the first that knows how texts are cut
_AXIS_LABELS, _VOCABULARY = 2, 5  # kinds of associated files
_FEATURE, _REGEX_TOKENIZER = 1, 6  # members of unions


def why_not(kind: TokenizerKind) -> str | None:
    """Why MediaPipe cannot cut texts as a tokenizer does, as a sentence; None when it can."""
    if kind == "plain":
        return None
    reasons = {
        "word": "punctuation is a token and letters are lower-cased",
        "subword": "words are cut into pieces",
        "char": "every character is a token",
    }
    return (
        f"MediaPipe's text classifiers only split a text at delimiters, and with the {kind} "
        f"tokenizer {reasons[kind]}; train with --tokenizer plain for a file that they load."
    )


def with_metadata(content: bytes, tokenizer: Tokenizer, labels: Sequence[str]) -> bytes:
    """A static TFLite file with all that MediaPipe's Text Classifier needs.

    Args:
        content: the file; its one input are int32 ids [1, length], its output probabilities.
        tokenizer: of the kind "plain".
        labels: in the order of the probabilities.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    buffer = schema.BufferT()
    buffer.data = list(_metadata())
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = _METADATA_NAME, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(len(content) + 4096)
    builder.Finish(model.Pack(builder), _MODEL_IDENTIFIER)
    return bytes(builder.Output()) + _archive(tokenizer, labels)


def _archive(tokenizer: Tokenizer, labels: Sequence[str]) -> bytes:
    """Vocabulary and labels; they must not be compressed, so that they can be read in place."""
    words = tokenizer.vocabulary()[2:]
    lines = ["<PAD> 0", "<UNKNOWN> 1", *(f"{word} {id}" for id, word in enumerate(words, start=2))]
    files = io.BytesIO()
    with zipfile.ZipFile(files, "w", zipfile.ZIP_STORED) as archive:
        for name, text in ((VOCABULARY_FILE, lines), (LABELS_FILE, list(labels))):
            # A fixed time keeps the file the same from one export to the next.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, "".join(f"{line}\n" for line in text))
    return files.getvalue()


def delimiter_pattern(ranges: CodePoints) -> str:
    """A pattern of RE2 for one run of delimiters."""
    inside = "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in ranges)
    return f"[{inside}]+"


def _metadata() -> bytes:
    """The flatbuffer; numbers are places of fields in the schema."""
    builder = flatbuffers.Builder(4096)
    vocabulary = _associated_file(builder, VOCABULARY_FILE, _VOCABULARY)
    labels = _associated_file(builder, LABELS_FILE, _AXIS_LABELS)
    pattern = builder.CreateString(delimiter_pattern(delimiters()))
    options = _table(builder, {0: pattern, 1: _vector(builder, [vocabulary])})
    unit = _union(builder, _REGEX_TOKENIZER, options)
    ids = _tensor(builder, "ids", {4: _vector(builder, [unit])})
    probabilities = _tensor(builder, "probabilities", {6: _vector(builder, [labels])})
    graph = _table(builder, {2: _vector(builder, [ids]), 3: _vector(builder, [probabilities])})
    name, version = builder.CreateString("classifier"), builder.CreateString(_PARSER_VERSION)
    root = _table(builder, {0: name, 3: _vector(builder, [graph]), 7: version})
    builder.Finish(root, _IDENTIFIER)
    return bytes(builder.Output())


def _tensor(builder: flatbuffers.Builder, name: str, fields: dict[int, int]) -> int:
    content = _union(builder, _FEATURE, _table(builder, {}))
    return _table(builder, {0: builder.CreateString(name), 3: content, **fields})


def _associated_file(builder: flatbuffers.Builder, name: str, kind: int) -> int:
    text = builder.CreateString(name)
    builder.StartObject(5)
    builder.PrependUOffsetTRelativeSlot(0, text, 0)
    builder.PrependInt8Slot(2, kind, 0)
    return int(builder.EndObject())


def _union(builder: flatbuffers.Builder, member: int, table: int) -> int:
    """A table whose only field is a union."""
    builder.StartObject(2)
    builder.PrependUint8Slot(0, member, 0)
    builder.PrependUOffsetTRelativeSlot(1, table, 0)
    return int(builder.EndObject())


def _table(builder: flatbuffers.Builder, fields: dict[int, int]) -> int:
    builder.StartObject(max(fields, default=-1) + 1)
    for place, offset in fields.items():
        builder.PrependUOffsetTRelativeSlot(place, offset, 0)
    return int(builder.EndObject())


def _vector(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
