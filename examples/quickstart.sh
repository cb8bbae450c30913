#!/bin/sh
# The main job on the shipped sample: train, evaluate, export, verify, predict.
set -e
rnn-toolkit train sentiment --out saved_models/sentiment
rnn-toolkit evaluate saved_models/sentiment --data "$(python -c 'from rnn_toolkit.tasks.commands import sample_path; print(sample_path())')" --no-save
for format in tflite onnx savedmodel; do
  rnn-toolkit export saved_models/sentiment --format "$format"
done
rnn-toolkit verify bundles/sentiment-tflite
rnn-toolkit predict bundles/sentiment-tflite "a wonderful film" "what a waste of money"
rnn-toolkit inspect saved_models/sentiment
