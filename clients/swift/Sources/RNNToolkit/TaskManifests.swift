import Foundation

/// What a classifier's manifest tells beside its signatures.
struct ClassifierManifest {
    /// The class names in the order of the network's outputs.
    let labels: [String]
    let tokenizerFile: String
    let unknownId: Int
    let maximumLength: Int
    let headLength: Int

    init(_ fields: ManifestFields) throws {
        let tokenizer = try fields.object("tokenizer")
        labels = try fields.strings("labels")
        tokenizerFile = try tokenizer.string("file")
        unknownId = try tokenizer.integer("unknown_id")
        maximumLength = try tokenizer.integer("maximum_length")
        headLength = try tokenizer.integer("head_length")
    }
}

/// What a language model's manifest tells beside its signatures.
struct GenerationManifest {
    /// A label that can steer a text, and its id.
    struct Condition {
        let label: String
        let id: Int
    }

    let tokenizerFile: String
    let kind: GenerationTokenizer.Kind
    let unknownId: Int
    let conditions: [Condition]
    let vocabularySize: Int
    /// Inputs of `step` that its outputs with `_out` appended give back.
    let states: [String]
    /// Ids before those of a prompt, the first label's among them where there are labels.
    let before: [Int]
    /// Ids instead of an empty prompt.
    let empty: [Int]
    let endId: Int?
    /// Ids that are never written.
    let never: [Int]
    let defaults: GenerationDefaults

    init(_ fields: ManifestFields) throws {
        let tokenizer = try fields.object("tokenizer")
        let prompt = try fields.object("prompt")
        let stop = try fields.object("stop")
        let conditionFields = try tokenizer.object("conditions")
        tokenizerFile = try tokenizer.string("file")
        kind = try GenerationManifest.kind(tokenizer)
        unknownId = try tokenizer.integer("unknown_id")
        conditions = try (conditionFields.value.members ?? []).map {
            Condition(label: $0.name, id: try conditionFields.integer($0.name))
        }
        vocabularySize = try fields.integer("vocabulary_size")
        states = try fields.objects("states").map { try $0.string("input") }
        before = try prompt.integers("before")
        empty = try prompt.integers("empty")
        endId = stop.value["end_id"]?.integer
        never = try stop.integers("never")
        defaults = try GenerationDefaults(try fields.object("decoding"))
        guard !before.isEmpty || !empty.isEmpty else { throw prompt.damaged("empty", "empty") }
        let ends = endId.map { [$0] } ?? []
        try fields.checkIds(before + empty + conditions.map(\.id), of: vocabularySize)
        try fields.checkIds(ends, never: never, of: vocabularySize)
    }

    /// The kind of a tokenizer that turns ids into text again.
    static func kind(_ tokenizer: ManifestFields) throws -> GenerationTokenizer.Kind {
        let named = try tokenizer.string("kind")
        guard let kind = GenerationTokenizer.Kind(rawValue: named) else {
            throw RNNToolkitError.unknownPart("tokenizer kind", named, of: Manifest.fileName)
        }
        return kind
    }
}

/// How a bundle writes texts unless the app says otherwise.
struct GenerationDefaults {
    let length: Int
    let temperature: Double
    let topK: Int
    let topP: Double
    let minP: Double
    let typical: Double
    let repetitionPenalty: Double
    let noRepeatNgram: Int

    init(_ fields: ManifestFields) throws {
        length = try fields.integer("length")
        temperature = try fields.number("temperature")
        topK = try fields.integer("top_k")
        topP = try fields.number("top_p")
        minP = try fields.number("min_p")
        typical = try fields.number("typical")
        repetitionPenalty = try fields.number("repetition_penalty")
        noRepeatNgram = try fields.integer("no_repeat_ngram")
    }
}

/// What a translation manifest tells beside its signatures.
struct TranslationManifest {
    /// The tokenizer of the source.
    struct Source {
        let file: String
        let unknownId: Int
        let maximumLength: Int
        /// Whether a space is put before a text first (a shared vocabulary).
        let leadingSpace: Bool

        init(_ fields: ManifestFields) throws {
            file = try fields.string("file")
            unknownId = try fields.integer("unknown_id")
            maximumLength = try fields.integer("maximum_length")
            leadingSpace = try fields.boolean("leading_space")
        }
    }

    /// The tokenizer of the target.
    struct Target {
        let file: String
        let kind: GenerationTokenizer.Kind
        let unknownId: Int
        let beginId: Int
        let endId: Int

        init(_ fields: ManifestFields) throws {
            file = try fields.string("file")
            kind = try GenerationManifest.kind(fields)
            unknownId = try fields.integer("unknown_id")
            beginId = try fields.integer("begin_id")
            endId = try fields.integer("end_id")
        }
    }

    let source: Source
    let target: Target
    let sharedVocabulary: Bool
    /// Number of target logits.
    let vocabularySize: Int
    /// Inputs of `decode_step` that change with every step.
    let states: [String]
    /// Inputs of `decode_step` that stay as `encode` gave them or are its own inputs.
    let passedOn: [String]
    /// Ids that are never written.
    let never: [Int]
    let defaults: TranslationDefaults

    init(_ fields: ManifestFields) throws {
        source = try Source(try fields.object("source_tokenizer"))
        target = try Target(try fields.object("tokenizer"))
        sharedVocabulary = try fields.boolean("shared_vocabulary")
        vocabularySize = try fields.integer("vocabulary_size")
        states = try fields.objects("states").map { try $0.string("input") }
        passedOn = try fields.strings("passed_on")
        never = try fields.integers("never")
        defaults = try TranslationDefaults(try fields.object("decoding"))
        try fields.checkIds([target.beginId, target.endId], never: never, of: vocabularySize)
    }
}

/// How a bundle searches for translations unless the app says otherwise.
struct TranslationDefaults {
    let beam: Int
    let lengthPenalty: Double
    let coveragePenalty: Double
    let lengthRatio: Double
    let extraLength: Int
    let maximumLength: Int

    init(_ fields: ManifestFields) throws {
        beam = try fields.integer("beam")
        lengthPenalty = try fields.number("length_penalty")
        coveragePenalty = try fields.number("coverage_penalty")
        lengthRatio = try fields.number("length_ratio")
        extraLength = try fields.integer("extra_length")
        maximumLength = try fields.integer("maximum_length")
    }
}
