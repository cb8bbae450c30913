"""rnn-toolkit: train small recurrent text models, judge them honestly, ship them anywhere.

Public names are imported when first used, so that `import rnn_toolkit` imports no TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnn_toolkit._version import __version__

if TYPE_CHECKING:
    from rnn_toolkit.bundle.catalogue import pretrained_models
    from rnn_toolkit.config.recipe import MeasuredRecipe, Recipe, read_recipe, recipe_names
    from rnn_toolkit.embeddings.queries import Neighbor, SimilarityScore
    from rnn_toolkit.errors import OptionError, RnnToolkitError
    from rnn_toolkit.evaluation.classification import Evaluation
    from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
    from rnn_toolkit.evaluation.neural_cache import NeuralCache
    from rnn_toolkit.evaluation.translation import TranslationEvaluation
    from rnn_toolkit.export.matrix import export_matrix
    from rnn_toolkit.export.matrix_page import matrix_table, write_matrix_page
    from rnn_toolkit.layers.catalogue import catalogue
    from rnn_toolkit.report.attention_map import check_attention_path, write_attention
    from rnn_toolkit.runtime.classifier import Prediction
    from rnn_toolkit.runtime.translator import Translation
    from rnn_toolkit.tasks.commands import evaluate_directory, export_directory, train_to_directory
    from rnn_toolkit.tasks.compare import compare
    from rnn_toolkit.tasks.describe import describe, verify_bundle
    from rnn_toolkit.tasks.diagnose import Diagnosis, diagnose_directory
    from rnn_toolkit.tasks.embeddings import (
        judge_similarity,
        nearest_words,
        plot_vectors,
        word_analogy,
    )
    from rnn_toolkit.tasks.generation import TextGenerator
    from rnn_toolkit.tasks.generation_commands import (
        evaluate_generation_directory,
        task_name,
        train_generation_to_directory,
    )
    from rnn_toolkit.tasks.load import load, open_translator, open_writer
    from rnn_toolkit.tasks.sentiment import SentimentClassifier
    from rnn_toolkit.tasks.teaching import write_teacher
    from rnn_toolkit.tasks.train_embeddings import train_word_vectors
    from rnn_toolkit.tasks.translation import Translator
    from rnn_toolkit.tasks.translation_commands import (
        evaluate_translation_directory,
        train_translation_to_directory,
    )
    from rnn_toolkit.tasks.tuning import Tuned, tune_sentiment
    from rnn_toolkit.tasks.tuning_commands import tune_to_directory
    from rnn_toolkit.tasks.vector_files import (
        WrittenVectors,
        convert_vectors,
        open_vectors,
        quantize_vectors,
        trim_vectors,
    )
    from rnn_toolkit.training.counted_words import VectorProgress
    from rnn_toolkit.training.observer import BatchRecord, EpochRecord, EpochSummary, Progress
    from rnn_toolkit.training.word_vectors import VectorTrainingConfig, train_vectors

__all__ = [
    "BatchRecord",
    "Diagnosis",
    "EpochRecord",
    "EpochSummary",
    "Evaluation",
    "LanguageModelEvaluation",
    "MeasuredRecipe",
    "Neighbor",
    "NeuralCache",
    "OptionError",
    "Prediction",
    "Progress",
    "Recipe",
    "RnnToolkitError",
    "SentimentClassifier",
    "SimilarityScore",
    "TextGenerator",
    "Translation",
    "TranslationEvaluation",
    "Translator",
    "Tuned",
    "VectorProgress",
    "VectorTrainingConfig",
    "WrittenVectors",
    "__version__",
    "catalogue",
    "check_attention_path",
    "compare",
    "convert_vectors",
    "describe",
    "diagnose_directory",
    "evaluate_directory",
    "evaluate_generation_directory",
    "evaluate_translation_directory",
    "export_directory",
    "export_matrix",
    "judge_similarity",
    "load",
    "matrix_table",
    "nearest_words",
    "open_translator",
    "open_vectors",
    "open_writer",
    "plot_vectors",
    "pretrained_models",
    "quantize_vectors",
    "read_recipe",
    "recipe_names",
    "task_name",
    "train_generation_to_directory",
    "train_to_directory",
    "train_translation_to_directory",
    "train_vectors",
    "train_word_vectors",
    "trim_vectors",
    "tune_sentiment",
    "tune_to_directory",
    "verify_bundle",
    "word_analogy",
    "write_attention",
    "write_matrix_page",
    "write_teacher",
]

_HOMES = {
    "BatchRecord": "rnn_toolkit.training.observer",
    "Diagnosis": "rnn_toolkit.tasks.diagnose",
    "EpochRecord": "rnn_toolkit.training.observer",
    "EpochSummary": "rnn_toolkit.training.observer",
    "Evaluation": "rnn_toolkit.evaluation.classification",
    "LanguageModelEvaluation": "rnn_toolkit.evaluation.language_model",
    "MeasuredRecipe": "rnn_toolkit.config.recipe",
    "Neighbor": "rnn_toolkit.embeddings.queries",
    "NeuralCache": "rnn_toolkit.evaluation.neural_cache",
    "OptionError": "rnn_toolkit.errors",
    "Prediction": "rnn_toolkit.runtime.classifier",
    "Progress": "rnn_toolkit.training.observer",
    "Recipe": "rnn_toolkit.config.recipe",
    "RnnToolkitError": "rnn_toolkit.errors",
    "SentimentClassifier": "rnn_toolkit.tasks.sentiment",
    "SimilarityScore": "rnn_toolkit.embeddings.queries",
    "TextGenerator": "rnn_toolkit.tasks.generation",
    "Translation": "rnn_toolkit.runtime.translator",
    "TranslationEvaluation": "rnn_toolkit.evaluation.translation",
    "Translator": "rnn_toolkit.tasks.translation",
    "Tuned": "rnn_toolkit.tasks.tuning",
    "VectorProgress": "rnn_toolkit.training.counted_words",
    "VectorTrainingConfig": "rnn_toolkit.training.word_vectors",
    "WrittenVectors": "rnn_toolkit.tasks.vector_files",
    "catalogue": "rnn_toolkit.layers.catalogue",
    "check_attention_path": "rnn_toolkit.report.attention_map",
    "compare": "rnn_toolkit.tasks.compare",
    "convert_vectors": "rnn_toolkit.tasks.vector_files",
    "describe": "rnn_toolkit.tasks.describe",
    "diagnose_directory": "rnn_toolkit.tasks.diagnose",
    "evaluate_directory": "rnn_toolkit.tasks.commands",
    "evaluate_generation_directory": "rnn_toolkit.tasks.generation_commands",
    "evaluate_translation_directory": "rnn_toolkit.tasks.translation_commands",
    "export_directory": "rnn_toolkit.tasks.commands",
    "export_matrix": "rnn_toolkit.export.matrix",
    "judge_similarity": "rnn_toolkit.tasks.embeddings",
    "load": "rnn_toolkit.tasks.load",
    "matrix_table": "rnn_toolkit.export.matrix_page",
    "nearest_words": "rnn_toolkit.tasks.embeddings",
    "open_translator": "rnn_toolkit.tasks.load",
    "open_vectors": "rnn_toolkit.tasks.vector_files",
    "open_writer": "rnn_toolkit.tasks.load",
    "plot_vectors": "rnn_toolkit.tasks.embeddings",
    "pretrained_models": "rnn_toolkit.bundle.catalogue",
    "quantize_vectors": "rnn_toolkit.tasks.vector_files",
    "read_recipe": "rnn_toolkit.config.recipe",
    "recipe_names": "rnn_toolkit.config.recipe",
    "task_name": "rnn_toolkit.tasks.generation_commands",
    "train_generation_to_directory": "rnn_toolkit.tasks.generation_commands",
    "train_to_directory": "rnn_toolkit.tasks.commands",
    "train_translation_to_directory": "rnn_toolkit.tasks.translation_commands",
    "train_vectors": "rnn_toolkit.training.word_vectors",
    "train_word_vectors": "rnn_toolkit.tasks.train_embeddings",
    "trim_vectors": "rnn_toolkit.tasks.vector_files",
    "tune_sentiment": "rnn_toolkit.tasks.tuning",
    "tune_to_directory": "rnn_toolkit.tasks.tuning_commands",
    "verify_bundle": "rnn_toolkit.tasks.describe",
    "word_analogy": "rnn_toolkit.tasks.embeddings",
    "write_attention": "rnn_toolkit.report.attention_map",
    "write_matrix_page": "rnn_toolkit.export.matrix_page",
    "write_teacher": "rnn_toolkit.tasks.teaching",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnn_toolkit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
