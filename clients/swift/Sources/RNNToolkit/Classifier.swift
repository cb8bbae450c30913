import Foundation

/// The answer for one text.
public struct Prediction: Equatable, Sendable {
    /// A label and its probability.
    public struct LabelProbability: Equatable, Sendable {
        public let label: String
        public let probability: Double
    }

    /// The likeliest label.
    public let label: String
    /// Its probability.
    public let probability: Double
    /// Every label, in the order of the manifest.
    public let probabilities: [LabelProbability]
}

/// Texts in, labels with probabilities out.
public final class Classifier: @unchecked Sendable {
    // A batch is padded to its longest text: more ids than this would be wasted memory.
    private static let idsPerBatch = 16_384

    public let tokenizer: Tokenizer
    /// The class names in the order of the network's outputs.
    public let labels: [String]
    private let runtime: CheckedRuntime

    init(tokenizer: Tokenizer, labels: [String], runtime: CheckedRuntime) {
        self.tokenizer = tokenizer
        self.labels = labels
        self.runtime = runtime
    }

    /// The label of one text, with the probabilities of all.
    ///
    /// - Parameter text: any text, an empty one included.
    /// - Throws: `RNNToolkitError` when the network's answer does not fit, and what the runtime
    ///   throws.
    public func predict(_ text: String) throws -> Prediction {
        try predict([text])[0]
    }

    /// The labels of several texts, in order; see `predict(_:)`.
    public func predict(_ texts: [String]) throws -> [Prediction] {
        let rows = texts.map(tokenizer.encode)
        var found: [Prediction] = []
        var start = 0
        while start < rows.count {
            var end = start + 1
            var longest = rows[start].count
            while end < rows.count,
                (end - start + 1) * max(longest, rows[end].count) <= Classifier.idsPerBatch
            {
                longest = max(longest, rows[end].count)
                end += 1
            }
            for row in try probabilities(ofIds: Array(rows[start..<end])) {
                found.append(prediction(row))
            }
            start = end
        }
        return found
    }

    /// Class probabilities of ids.
    ///
    /// - Parameter rows: ids of each text, at least one each.
    /// - Returns: For each text one probability per label.
    func probabilities(ofIds rows: [[Int]]) throws -> [[Float]] {
        let outputs = try runtime.run("predict", ["ids": ModelTensor(paddedRows: rows)])
        let found = try outputs.rows("probabilities", count: rows.count)
        guard found.allSatisfy({ $0.count == labels.count }) else {
            throw RNNToolkitError.bundle(
                "The network does not give \(labels.count) probabilities, one for each label.",
                "Export the model again."
            )
        }
        return found
    }

    private func prediction(_ row: [Float]) -> Prediction {
        let best = placeOfLargest(row)
        return Prediction(
            label: labels[best],
            probability: Double(row[best]),
            probabilities: zip(labels, row).map {
                Prediction.LabelProbability(label: $0, probability: Double($1))
            }
        )
    }
}
