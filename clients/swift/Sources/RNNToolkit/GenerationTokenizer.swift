import Foundation

/// The tokenizer of a model that writes: text to ids, and ids back to the same text.
public struct GenerationTokenizer {
    /// How a text is cut.
    public enum Kind: String, Sendable {
        /// Single characters.
        case char
        /// Runs of bytes; a token may hold half a character.
        case subword
        /// Words, each with the space before it.
        case word
        /// What spaces separate; a line end is a token.
        case whitespace
    }

    private static let firstOrdinaryId = 4

    let pipeline: TokenizerPipeline
    public let kind: Kind
    private let specialIds: Set<Int>
    private let unknownId: Int
    /// Code points to ids, for single characters.
    private let characters: [UInt32: Int]

    /// Reads tokenizer.json.
    ///
    /// - Parameters:
    ///   - data: the file's content.
    ///   - kind: of the manifest.
    ///   - conditionIds: ids of the labels that can steer a text; they stand for no text.
    ///   - unknownId: of the manifest.
    ///   - source: the file's name, for errors.
    /// - Throws: `RNNToolkitError` when the file cannot be used.
    public init(
        data: Data, kind: Kind, conditionIds: [Int] = [], unknownId: Int = 1,
        source: String = "tokenizer.json"
    ) throws {
        pipeline = try TokenizerPipeline(data: data, source: source)
        self.kind = kind
        self.unknownId = unknownId
        specialIds = Set(conditionIds).union(0..<GenerationTokenizer.firstOrdinaryId)
        var found: [UInt32: Int] = [:]
        if kind == .char {
            for (token, id) in pipeline.vocabulary.idByToken {
                let scalars = Array(String(units: token).unicodeScalars)
                if scalars.count == 1 {
                    found[scalars[0].value] = id
                }
            }
        }
        characters = found
    }

    /// The number of ids.
    public var vocabularySize: Int { pipeline.vocabulary.count }

    /// A text as the tokenizer reads it: "\r\n" and "\r" become "\n".
    static func prepared(_ units: Units) -> Units {
        guard units.contains(0x000D) else { return units }
        var result: Units = []
        result.reserveCapacity(units.count)
        for (place, unit) in units.enumerated() {
            let isSecond = unit == 0x000A && place > 0 && units[place - 1] == 0x000D
            if !isSecond {
                result.append(unit == 0x000D ? 0x000A : unit)
            }
        }
        return result
    }

    /// The ids of a text, without begin and end; none for an empty text.
    public func encode(_ text: String) -> [Int] {
        encode(text.units)
    }

    func encode(_ units: Units) -> [Int] {
        let clean = GenerationTokenizer.prepared(units)
        guard kind == .char else { return pipeline.encode(clean) }
        return String(units: pipeline.normalize(clean)).unicodeScalars.map {
            characters[$0.value] ?? unknownId
        }
    }

    /// The text that ids stand for; special ids give nothing, and broken bytes become U+FFFD.
    public func decode(_ ids: [Int]) -> String {
        String(units: decodeUnits(ids))
    }

    func decodeUnits(_ ids: [Int]) -> Units {
        let ordinary = ids.filter { !specialIds.contains($0) }
        switch kind {
        case .subword:
            return pipeline.decode(ordinary)
        case .char, .word:
            return Units(ordinary.compactMap { pipeline.token($0) }.joined())
        case .whitespace:
            let tokens = ordinary.compactMap { pipeline.token($0) }
            let text = Units(tokens.joined(separator: [0x0020]))
            // No space stands before or after a line end.
            let before = replacing([0x0020, 0x000A], with: [0x000A], in: text)
            return replacing([0x000A, 0x0020], with: [0x000A], in: before)
        }
    }
}
