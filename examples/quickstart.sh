#!/bin/sh
# The main job on the shipped sample: train, evaluate, export, verify, predict.
set -e
sample="$(python -c 'from importlib.resources import files; print(files("rnn_toolkit") / "data/sample/reviews.csv")')"
rnn-toolkit train sentiment --out saved_models/sentiment
rnn-toolkit evaluate saved_models/sentiment --data "$sample" --no-save
for format in tflite onnx savedmodel; do
  rnn-toolkit export saved_models/sentiment --format "$format"
done
rnn-toolkit verify bundles/sentiment-tflite
rnn-toolkit predict bundles/sentiment-tflite "a wonderful film" "what a waste of money"
rnn-toolkit inspect saved_models/sentiment
