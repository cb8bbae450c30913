import Foundation

/// One text that a model wrote.
public struct Generated: Equatable, Sendable {
    /// The new text, without the stop string.
    public let text: String
    /// Prompt and new text.
    public let fullText: String
    /// The new ids, without the end mark; those of a stop string are among them.
    public let ids: [Int]
    /// Why the text ended.
    public let ended: Ended
    /// Natural logarithm of the probability that the model itself, without options, gives to what
    /// it wrote, an end mark included.
    public let logProbability: Double
    /// By which a beam search ranks; elsewhere the log-probability.
    public let score: Double
    /// Gives the same text again; nil for a beam search, which draws nothing.
    public let seed: UInt64?
}

/// Prompts in, texts out.
public final class TextGenerator: @unchecked Sendable {
    // A decoder looks back no further than this many ids to join a new one.
    private static let joiningIds = 16

    public let tokenizer: GenerationTokenizer
    private let manifest: GenerationManifest
    private let model: StepModel

    init(tokenizer: GenerationTokenizer, manifest: GenerationManifest, model: StepModel) {
        self.tokenizer = tokenizer
        self.manifest = manifest
        self.model = model
    }

    /// The labels that can steer a text.
    public var conditions: [String] { manifest.conditions.map(\.label) }

    /// Goes on with a prompt.
    ///
    /// - Parameters:
    ///   - prompt: what the text begins with; may be empty.
    ///   - options: how to write.
    /// - Throws: `RNNToolkitError` for an option out of its range, and what the runtime throws.
    public func generate(
        _ prompt: String = "", options: GenerationOptions = GenerationOptions()
    ) throws -> Generated {
        try write(prompt, options: options, onPiece: { _ in true })[0]
    }

    /// Goes on with a prompt and tells the new text as it is made.
    ///
    /// - Parameters:
    ///   - prompt: see `generate(_:options:)`.
    ///   - options: see `generate(_:options:)`.
    ///   - onPiece: told pieces of whole characters, which joined are the new text; it gives false
    ///     to have no more written. A beam search tells its answer in one piece.
    /// - Returns: The whole text.
    @discardableResult
    public func generate(
        _ prompt: String = "", options: GenerationOptions = GenerationOptions(),
        onPiece: (String) -> Bool
    ) throws -> Generated {
        try write(prompt, options: options, onPiece: onPiece)[0]
    }

    /// The answers of a beam search, best first, at most `options.nBest`; of a draw the one text.
    public func candidates(
        _ prompt: String = "", options: GenerationOptions = GenerationOptions()
    ) throws -> [Generated] {
        try write(prompt, options: options, onPiece: { _ in true })
    }

    /// Goes on with a prompt and gives the new text as it is made.
    ///
    /// The work runs in a task of its own and ends when the loop over the pieces does.
    ///
    /// - Parameters:
    ///   - prompt: see `generate(_:options:)`.
    ///   - options: see `generate(_:options:)`.
    /// - Returns: Pieces of whole characters; joined they are the text of `generate`.
    public func stream(
        _ prompt: String = "", options: GenerationOptions = GenerationOptions()
    ) -> AsyncThrowingStream<String, Error> {
        AsyncThrowingStream { continuation in
            let work = Task.detached {
                do {
                    try self.generate(prompt, options: options) { piece in
                        continuation.yield(piece)
                        return !Task.isCancelled
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in work.cancel() }
        }
    }

    /// The ids that the model reads before the new ones; at least one.
    ///
    /// - Parameters:
    ///   - prompt: see `generate(_:options:)`.
    ///   - condition: a label; nil for the bundle's first, where there are labels.
    /// - Throws: `RNNToolkitError` for a label that the model does not know.
    func context(_ prompt: String, condition: String?) throws -> [Int] {
        var before = manifest.before
        if let condition = condition {
            let labelIds = Set(manifest.conditions.map(\.id))
            let chosen = try conditionId(condition)
            before = before.map { labelIds.contains($0) ? chosen : $0 }
        }
        let ids = before + tokenizer.encode(prompt)
        return ids.isEmpty ? manifest.empty : ids
    }

    private func conditionId(_ label: String) throws -> Int {
        guard !manifest.conditions.isEmpty else {
            throw RNNToolkitError.option(
                "This model was trained without a condition.", "Leave condition out.")
        }
        guard let found = manifest.conditions.first(where: { $0.label.isSame(as: label) }) else {
            throw RNNToolkitError.option(
                "There is no condition \(label).",
                "Choose from: \(conditions.prefix(20).joined(separator: ", "))."
            )
        }
        return found.id
    }

    private func write(
        _ prompt: String, options: GenerationOptions, onPiece: (String) -> Bool
    ) throws -> [Generated] {
        let resolved = try options.resolved(manifest.defaults)
        let context = try self.context(prompt, condition: options.condition)
        let rules = Rules(
            never: manifest.never, endId: manifest.endId, minLength: resolved.minLength,
            prompt: context, noRepeatNgram: resolved.noRepeatNgram,
            repetitionPenalty: resolved.repetitionPenalty)
        if resolved.beam > 1 {
            let answers = try search(prompt, context, rules, resolved, stops: options.stop)
            _ = onPiece(answers[0].text)
            return answers
        }
        let seed = options.seed ?? UInt64.random(in: 0..<(1 << 31))
        let draw = Draw(options: resolved, seed: seed, sample: options.sample)
        var text = growing(prompt, context, stops: options.stop)
        let drawn = try sample(
            after: context, model: model, rules: rules, draw: draw, length: resolved.length
        ) { id in
            text.add(id)
            let piece = text.news()
            let goesOn = piece.isEmpty || onPiece(piece)
            if text.isStopped {
                return .stopString
            }
            return goesOn ? nil : .cancelled
        }
        text.finish()
        let last = text.news(isLast: true)
        if !last.isEmpty && drawn.last?.ended != .cancelled {
            _ = onPiece(last)
        }
        return [generated(prompt, text, drawn, seed: seed)]
    }

    private func search(
        _ prompt: String, _ context: [Int], _ rules: Rules, _ options: SamplingOptions,
        stops: [String]
    ) throws -> [Generated] {
        let places = stops.map(\.units)
        let found = try beamSearch(after: context, model: model, rules: rules, options: options) {
            GrowingText.stopPlace(of: places, in: self.tokenizer.decodeUnits($0)) != nil
        }
        return found.map { hypothesis in
            var text = growing(prompt, context, stops: stops)
            for id in hypothesis.ids {
                text.add(id)
            }
            text.finish()
            let written = String(units: text.text)
            return Generated(
                text: written, fullText: prompt + written, ids: hypothesis.ids,
                ended: text.isStopped ? .stopString : hypothesis.ended,
                logProbability: hypothesis.logProbability, score: hypothesis.score, seed: nil)
        }
    }

    private func growing(_ prompt: String, _ context: [Int], stops: [String]) -> GrowingText {
        // After a space of the prompt's own, no token needs another one.
        let endsInSpace = prompt.utf16.last.map(isPythonWhiteSpace) ?? false
        return GrowingText(
            decode: tokenizer.decodeUnits, stops: stops.map(\.units),
            context: endsInSpace ? [] : Array(context.suffix(TextGenerator.joiningIds)))
    }

    private func generated(
        _ prompt: String, _ text: GrowingText, _ drawn: [Drawn], seed: UInt64
    ) -> Generated {
        let written = String(units: text.text)
        let logProbability = drawn.reduce(0.0) { $0 + $1.logProbability }
        return Generated(
            text: written, fullText: prompt + written,
            ids: drawn.filter { $0.ended != .endMark }.map(\.id),
            ended: text.isStopped ? .stopString : drawn.last?.ended ?? .length,
            logProbability: logProbability, score: logProbability, seed: seed)
    }
}
