import Foundation

/// How a text is written; what is left nil is as the bundle says.
public struct GenerationOptions: Equatable, Sendable {
    /// Most new tokens, at least 1.
    public var length: Int?
    /// Tokens before an end mark may come.
    public var minLength = 0
    /// 0 takes the likeliest token; below 1 the likely becomes likelier.
    public var temperature: Double?
    /// Draws among so many of the likeliest tokens; 0 for off.
    public var topK: Int?
    /// Draws among the likeliest tokens that have this probability together; 1 for off.
    public var topP: Double?
    /// Draws among tokens at least so many times as likely as the likeliest; 0 for off.
    public var minP: Double?
    /// Draws among the tokens whose surprise is nearest the expected one; 1 for off.
    public var typical: Double?
    /// Makes tokens that were there before less likely; 1 for off.
    public var repetitionPenalty: Double?
    /// No sequence of so many tokens comes twice; 0 for off.
    public var noRepeatNgram: Int?
    /// Texts that end the new text; they are cut off.
    public var stop: [String] = []
    /// The same seed writes the same text, as it does in Python; nil for a new one every time.
    public var seed: UInt64?
    /// Which of the texts of a seed; in Python, `samples=4` gives the samples 0 to 3.
    public var sample = 0
    /// 1 draws; more search for the likeliest text.
    public var beam = 1
    /// Answers of a beam search, at most `beam`.
    public var nBest = 1
    /// Alpha of Wu et al. (2016), for a beam search; larger favours longer texts.
    public var lengthPenalty = 0.0
    /// The label that steers the text, for models trained with labels.
    public var condition: String?

    public init() {}

    /// These options with everything that was left out.
    ///
    /// - Throws: `RNNToolkitError` for an option out of its range.
    func resolved(_ defaults: GenerationDefaults) throws -> SamplingOptions {
        let searches = beam > 1
        if searches {
            for (name, isGiven) in [
                ("temperature", temperature != nil), ("topK", topK != nil), ("topP", topP != nil),
                ("minP", minP != nil), ("typical", typical != nil),
            ] where isGiven {
                throw RNNToolkitError.option(
                    "A beam search does not draw.", "Leave out \(name), or the beam.")
            }
        }
        let options = SamplingOptions(
            length: length ?? defaults.length,
            minLength: minLength,
            temperature: searches ? 1 : temperature ?? defaults.temperature,
            topK: searches ? 0 : topK ?? defaults.topK,
            topP: searches ? 1 : topP ?? defaults.topP,
            minP: searches ? 0 : minP ?? defaults.minP,
            typical: searches ? 1 : typical ?? defaults.typical,
            repetitionPenalty: repetitionPenalty ?? defaults.repetitionPenalty,
            noRepeatNgram: noRepeatNgram ?? defaults.noRepeatNgram,
            beam: beam,
            nBest: nBest,
            lengthPenalty: lengthPenalty
        )
        try options.check()
        try requireOption(sample >= 0, "sample", "at least 0", sample)
        try requireOption(!stop.contains(""), "stop", "texts of at least one character", stop)
        return options
    }
}

/// All options of sampling and of a beam search, each with a value.
struct SamplingOptions {
    var length = 200
    var minLength = 0
    var temperature = 1.0
    var topK = 0
    var topP = 1.0
    var minP = 0.0
    var typical = 1.0
    var repetitionPenalty = 1.0
    var noRepeatNgram = 0
    var beam = 1
    var nBest = 1
    var lengthPenalty = 0.0

    /// Checks that every option lies in its range.
    ///
    /// - Throws: `RNNToolkitError` that names the first one that does not.
    func check() throws {
        try requireOption(length >= 1, "length", "at least 1", length)
        try requireOption(
            (0...length).contains(minLength), "minLength", "between 0 and length (\(length))",
            minLength)
        try requireOption(
            temperature >= 0 && temperature.isFinite, "temperature", "at least 0", temperature)
        try requireOption(topK >= 0, "topK", "at least 0", topK)
        try requireOption(topP > 0 && topP <= 1, "topP", "above 0 and at most 1", topP)
        try requireOption(minP >= 0 && minP <= 1, "minP", "between 0 and 1", minP)
        try requireOption(typical > 0 && typical <= 1, "typical", "above 0 and at most 1", typical)
        try requireOption(
            repetitionPenalty >= 1 && repetitionPenalty.isFinite, "repetitionPenalty",
            "at least 1", repetitionPenalty)
        try requireOption(noRepeatNgram >= 0, "noRepeatNgram", "at least 0", noRepeatNgram)
        try requireOption(beam >= 1, "beam", "at least 1", beam)
        try requireOption(
            (1...beam).contains(nBest), "nBest", "between 1 and beam (\(beam))", nBest)
        try requireOption(
            lengthPenalty >= 0 && lengthPenalty.isFinite, "lengthPenalty", "at least 0",
            lengthPenalty)
        try requireOption(
            lengthPenalty == 0 || beam > 1, "lengthPenalty", "0 unless there is a beam",
            lengthPenalty)
    }
}

/// Checks one option.
///
/// - Throws: `RNNToolkitError` when `isRight` is false.
func requireOption(_ isRight: Bool, _ name: String, _ range: String, _ given: Any) throws {
    if !isRight {
        throw RNNToolkitError.option("The option \(name) must be \(range), not \(given).")
    }
}
