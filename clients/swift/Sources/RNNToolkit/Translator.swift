import Foundation

/// A text and its translations.
public struct Translation: Equatable, Sendable {
    /// One translation of a text.
    public struct Candidate: Equatable, Sendable {
        public let text: String
        /// By which answers are ranked, higher is better: the log-probability over the length
        /// penalty, plus the coverage penalty (Wu et al., 2016, equation 14).
        public let score: Double
        /// Natural logarithm of the probability by the model itself, an end mark included.
        public let logProbability: Double
        /// `endMark`, or `length` when the bound cut it off.
        public let ended: Ended
    }

    /// At least one, best first.
    public let candidates: [Candidate]
    /// Whether the text was longer than the model reads, so that its end was left out.
    public let isCut: Bool

    /// The best translation.
    public var text: String { candidates[0].text }
    /// Its score.
    public var score: Double { candidates[0].score }
    /// Its log-probability.
    public var logProbability: Double { candidates[0].logProbability }
    /// Why it ended.
    public var ended: Ended { candidates[0].ended }
}

/// Texts in, translations out.
///
/// Python's `replace_unknown`, which copies a source word where a word-level model lacks one, is
/// always off here: the unknown token is never written.
public final class Translator: @unchecked Sendable {
    public let tokenizers: SideTokenizers
    private let manifest: TranslationManifest
    private let model: EncoderDecoder

    init(tokenizers: SideTokenizers, manifest: TranslationManifest, model: EncoderDecoder) {
        self.tokenizers = tokenizers
        self.manifest = manifest
        self.model = model
    }

    /// Translates one text.
    ///
    /// - Parameters:
    ///   - text: one sentence or paragraph; one that holds nothing becomes nothing.
    ///   - options: how to search.
    /// - Throws: `RNNToolkitError` for an option out of its range, and what the runtime throws.
    public func translate(
        _ text: String, options: TranslationOptions = TranslationOptions()
    ) throws -> Translation {
        let search = try self.search(for: options)
        let source = tokenizers.encodeSource(text)
        guard !source.ids.isEmpty else {
            let nothing = Translation.Candidate(
                text: "", score: 0, logProbability: 0, ended: .endMark)
            return Translation(candidates: [nothing], isCut: false)
        }
        let found = try search.translate(source.ids)
        return Translation(
            candidates: found.map { answer in
                let isWhole = answer.ended == .endMark
                return Translation.Candidate(
                    text: tokenizers.decodeTarget(answer.ids, isWhole: isWhole),
                    score: answer.score, logProbability: answer.logProbability,
                    ended: answer.ended)
            },
            isCut: source.isCut
        )
    }

    /// A search for source ids.
    ///
    /// - Throws: `RNNToolkitError` for an option out of its range.
    func search(for options: TranslationOptions) throws -> TranslationSearch {
        TranslationSearch(
            model: model, options: try options.resolved(manifest.defaults),
            beginId: manifest.target.beginId, endId: manifest.target.endId, never: manifest.never)
    }
}
