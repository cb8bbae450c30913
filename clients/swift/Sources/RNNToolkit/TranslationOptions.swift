import Foundation

/// How a translation is searched for; what is left nil is as the bundle says.
public struct TranslationOptions: Equatable, Sendable {
    /// Hypotheses kept; 1 takes the likeliest token every time.
    public var beam: Int?
    /// Answers, at most `beam`.
    public var nBest = 1
    /// Alpha of Wu et al. (2016), from 0 to 2; larger favours longer translations.
    public var lengthPenalty: Double?
    /// Beta of Wu et al. (2016); favours reading every word of the source.
    public var coveragePenalty: Double?
    /// Most target tokens per source token.
    public var lengthRatio: Double?
    /// Target tokens beyond that ratio.
    public var extraLength: Int?
    /// Most target tokens in any case.
    public var maximumLength: Int?
    /// Tokens before an end mark may come.
    public var minLength = 0
    /// No sequence of so many tokens comes twice; 0 for off.
    public var noRepeatNgram = 0

    public init() {}

    /// These options with everything that was left out.
    ///
    /// - Throws: `RNNToolkitError` for an option out of its range.
    func resolved(_ defaults: TranslationDefaults) throws -> SearchOptions {
        let options = SearchOptions(
            beam: beam ?? defaults.beam,
            nBest: nBest,
            lengthPenalty: lengthPenalty ?? defaults.lengthPenalty,
            coveragePenalty: coveragePenalty ?? defaults.coveragePenalty,
            lengthRatio: lengthRatio ?? defaults.lengthRatio,
            extraLength: extraLength ?? defaults.extraLength,
            maximumLength: maximumLength ?? defaults.maximumLength,
            minLength: minLength,
            noRepeatNgram: noRepeatNgram
        )
        try options.check()
        return options
    }
}

/// All options of a search for a translation, each with a value.
struct SearchOptions {
    let beam: Int
    let nBest: Int
    let lengthPenalty: Double
    let coveragePenalty: Double
    let lengthRatio: Double
    let extraLength: Int
    let maximumLength: Int
    let minLength: Int
    let noRepeatNgram: Int

    /// The most ids that a translation may have, an end mark included.
    ///
    /// - Parameter sourceTokens: number of tokens of the source.
    func bound(sourceTokens: Int) -> Int {
        // Rounding must not lift 1.1 x 10 to 12; lengths are whole anyway.
        let wanted = (lengthRatio * Double(sourceTokens) - 1e-9).rounded(.up)
        let longest = wanted + Double(extraLength)
        return longest < Double(maximumLength) ? max(1, Int(longest)) : maximumLength
    }

    /// Checks that every option lies in its range.
    ///
    /// - Throws: `RNNToolkitError` that names the first one that does not.
    func check() throws {
        try requireOption(beam >= 1, "beam", "at least 1", beam)
        try requireOption(
            (1...beam).contains(nBest), "nBest", "between 1 and beam (\(beam))", nBest)
        try requireOption(
            lengthPenalty >= 0 && lengthPenalty <= 2, "lengthPenalty", "between 0 and 2",
            lengthPenalty)
        try requireOption(
            coveragePenalty >= 0 && coveragePenalty.isFinite, "coveragePenalty", "at least 0",
            coveragePenalty)
        try requireOption(
            lengthRatio > 0 && lengthRatio.isFinite, "lengthRatio", "above 0", lengthRatio)
        try requireOption(extraLength >= 0, "extraLength", "at least 0", extraLength)
        try requireOption(maximumLength >= 1, "maximumLength", "at least 1", maximumLength)
        try requireOption(
            (0...maximumLength).contains(minLength), "minLength",
            "between 0 and maximumLength (\(maximumLength))", minLength)
        try requireOption(noRepeatNgram >= 0, "noRepeatNgram", "at least 0", noRepeatNgram)
    }
}
