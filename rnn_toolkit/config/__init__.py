"""Settings of the tasks, typed, frozen and validated once at the edge."""

from rnn_toolkit.config.export import ExportOptions, Quantization
from rnn_toolkit.config.generation import (
    GenerationConfig,
    GenerationTokenizerConfig,
    GenerationTokenizerKind,
    GenerationTrainingConfig,
    LanguageModelConfig,
    TextLayoutConfig,
)
from rnn_toolkit.config.recipe import (
    DEFAULT_RECIPE,
    MeasuredRecipe,
    Recipe,
    read_recipe,
    recipe_names,
)
from rnn_toolkit.config.semi_supervised import (
    ObjectiveConfig,
    PretrainingConfig,
    TeacherConfig,
    UnlabelledConfig,
)
from rnn_toolkit.config.sentiment import (
    ColumnsConfig,
    DistributeName,
    EncoderName,
    NetworkConfig,
    PoolingName,
    PrecisionName,
    SentimentConfig,
    TokenizerConfig,
    TokenizerKind,
    TrainingConfig,
    VectorsConfig,
)
from rnn_toolkit.config.settings import FORMAT_VERSION, Settings, SettingsType, parse_settings
from rnn_toolkit.config.stack import ConnectionName, StackConfig
from rnn_toolkit.config.translation import (
    LengthBounds,
    PairsConfig,
    Seq2SeqConfig,
    SideTokenizerChoice,
    SideTokenizerKind,
    TranslationConfig,
    TranslationTokenizerConfig,
    TranslationTrainingConfig,
)

__all__ = [
    "DEFAULT_RECIPE",
    "FORMAT_VERSION",
    "ColumnsConfig",
    "ConnectionName",
    "DistributeName",
    "EncoderName",
    "ExportOptions",
    "GenerationConfig",
    "GenerationTokenizerConfig",
    "GenerationTokenizerKind",
    "GenerationTrainingConfig",
    "LanguageModelConfig",
    "LengthBounds",
    "MeasuredRecipe",
    "NetworkConfig",
    "ObjectiveConfig",
    "PairsConfig",
    "PoolingName",
    "PrecisionName",
    "PretrainingConfig",
    "Quantization",
    "Recipe",
    "SentimentConfig",
    "Seq2SeqConfig",
    "Settings",
    "SettingsType",
    "SideTokenizerChoice",
    "SideTokenizerKind",
    "StackConfig",
    "TeacherConfig",
    "TextLayoutConfig",
    "TokenizerConfig",
    "TokenizerKind",
    "TrainingConfig",
    "TranslationConfig",
    "TranslationTokenizerConfig",
    "TranslationTrainingConfig",
    "UnlabelledConfig",
    "VectorsConfig",
    "parse_settings",
    "read_recipe",
    "recipe_names",
]
