import Foundation

/// A tokenizer.json at work: clean-up, cutting, tokens, and tokens back to text.
///
/// The file is in the format of the Hugging Face tokenizers library; what this client does not
/// know is refused by its name rather than left out.
struct TokenizerPipeline {
    let vocabulary: Vocabulary
    private let normalizer: Normalizer
    private let preTokenizer: PreTokenizer
    private let model: VocabularyModel
    private let decodesBytes: Bool

    /// - Parameters:
    ///   - data: the file's content.
    ///   - source: its name, for errors.
    /// - Throws: `RNNToolkitError` when it is damaged or holds something unknown.
    init(data: Data, source: String) throws {
        let description = try JSONValue.parse(data, source: source)
        for part in ["truncation", "padding", "post_processor"] {
            if let value = description[part], !value.isNull {
                throw RNNToolkitError.unknownPart(
                    part, value["type"]?.string ?? "settings", of: source)
            }
        }
        if let added = description["added_tokens"]?.array, !added.isEmpty {
            let name = added[0]["content"]?.string ?? "?"
            throw RNNToolkitError.unknownPart("added token", name, of: source)
        }
        normalizer = try Normalizer(description["normalizer"], source: source)
        preTokenizer = try PreTokenizer(description["pre_tokenizer"], source: source)
        decodesBytes = try TokenizerPipeline.decodesBytes(description["decoder"], source: source)
        vocabulary = try Vocabulary(description["model"]?["vocab"], source: source)
        model = try TokenizerPipeline.model(
            description["model"], vocabulary: vocabulary, source: source)
    }

    /// A text after clean-up.
    func normalize(_ units: Units) -> Units {
        normalizer.normalize(units)
    }

    /// The ids of a text; none for a text without tokens.
    func encode(_ units: Units) -> [Int] {
        preTokenizer.cut(normalize(units)).flatMap { model.ids(of: $0) }
    }

    /// The text of ids; ids without a token give nothing.
    func decode(_ ids: [Int]) -> Units {
        let tokens = ids.compactMap { token($0) }
        guard decodesBytes else { return Units(tokens.joined()) }
        return String(decoding: tokens.flatMap { ByteAlphabet.decode($0) }, as: UTF8.self).units
    }

    /// The token of an id; nil where there is none.
    func token(_ id: Int) -> Units? {
        vocabulary.tokens.indices.contains(id) ? vocabulary.tokens[id] : nil
    }

    private static func decodesBytes(_ description: JSONValue?, source: String) throws -> Bool {
        guard let description = description, !description.isNull else { return false }
        let name = description["type"]?.string ?? "?"
        guard name == "ByteLevel" || name == "Fuse" else {
            throw RNNToolkitError.unknownPart("decoder", name, of: source)
        }
        return name == "ByteLevel"
    }

    private static func model(
        _ description: JSONValue?, vocabulary: Vocabulary, source: String
    ) throws -> VocabularyModel {
        let name = description?["type"]?.string ?? "?"
        switch name {
        case "WordLevel":
            let unknown = description?["unk_token"]?.string ?? "[UNK]"
            return WordLevel(
                vocabulary: vocabulary, unknownId: try vocabulary.id(named: unknown, source: source)
            )
        case "WordPiece":
            let unknown = description?["unk_token"]?.string ?? "[UNK]"
            return WordPiece(
                vocabulary: vocabulary,
                unknownId: try vocabulary.id(named: unknown, source: source),
                prefix: (description?["continuing_subword_prefix"]?.string ?? "##").units,
                longestWord: description?["max_input_chars_per_word"]?.integer ?? 100
            )
        case "BPE":
            return try bytePairs(description, vocabulary: vocabulary, source: source)
        default:
            throw RNNToolkitError.unknownPart("model", name, of: source)
        }
    }

    private static func bytePairs(
        _ description: JSONValue?, vocabulary: Vocabulary, source: String
    ) throws -> BytePairEncoding {
        for option in [
            "dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
            "byte_fallback", "ignore_merges",
        ] {
            if let value = description?[option], !value.isNull, value.boolean != false,
                value.string?.isEmpty != true, value.number != 0
            {
                throw RNNToolkitError.unknownPart("BPE option", option, of: source)
            }
        }
        let unknown = try description?["unk_token"]?.string.map {
            try vocabulary.id(named: $0, source: source)
        }
        let merges = try (description?["merges"]?.array ?? []).map { merge -> (Units, Units) in
            let parts: [Units]
            if let pair = merge.array {
                parts = pair.compactMap { $0.string?.units }
            } else {
                parts = (merge.string ?? "").units.split(separator: 0x0020).map { Units($0) }
            }
            guard parts.count == 2 else {
                throw RNNToolkitError.bundle(
                    "\(source) has a merge that is no pair.", "Export the model again.")
            }
            return (parts[0], parts[1])
        }
        return try BytePairEncoding(
            vocabulary: vocabulary, merges: merges, unknownId: unknown, source: source)
    }
}
