import Foundation

/// The tokenizer of a classifier: text to ids, with truncation that keeps head and tail.
public struct Tokenizer {
    let pipeline: TokenizerPipeline
    /// The most ids of a text.
    public let maximumLength: Int
    /// How many ids of an over-long text come from its beginning; the others come from its end.
    public let headLength: Int
    /// What a text without any token becomes.
    public let unknownId: Int

    /// Reads tokenizer.json.
    ///
    /// - Parameters:
    ///   - data: the file's content.
    ///   - maximumLength: the most ids of a text, at least 1.
    ///   - headLength: from 0 to `maximumLength`.
    ///   - unknownId: of the manifest.
    ///   - source: the file's name, for errors.
    /// - Throws: `RNNToolkitError` when the file or a length cannot be used.
    public init(
        data: Data, maximumLength: Int, headLength: Int, unknownId: Int = 1,
        source: String = "tokenizer.json"
    ) throws {
        guard maximumLength >= 1, (0...maximumLength).contains(headLength) else {
            throw RNNToolkitError.bundle(
                "The maximum length must be at least 1 and the head length between 0 and it, not "
                    + "\(maximumLength) and \(headLength).",
                "Export the model again."
            )
        }
        pipeline = try TokenizerPipeline(data: data, source: source)
        self.maximumLength = maximumLength
        self.headLength = headLength
        self.unknownId = unknownId
    }

    /// The ids of one text: at least one, at most `maximumLength`.
    public func encode(_ text: String) -> [Int] {
        truncate(encodeWhole(text))
    }

    /// The ids of one text before truncation; none for a text without any token.
    func encodeWhole(_ text: String) -> [Int] {
        pipeline.encode(text.units)
    }

    private func truncate(_ ids: [Int]) -> [Int] {
        if ids.isEmpty {
            return [unknownId]
        }
        if ids.count <= maximumLength {
            return ids
        }
        return Array(ids.prefix(headLength)) + Array(ids.suffix(maximumLength - headLength))
    }
}
