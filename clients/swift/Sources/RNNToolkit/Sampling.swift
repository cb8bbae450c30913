import Foundation

/// Why a text ended.
public enum Ended: String, Sendable {
    /// The model ended it.
    case endMark = "end mark"
    /// A stop string came; it is cut off.
    case stopString = "stop string"
    /// It has as many tokens as were asked for.
    case length = "length"
    /// The app asked for no more of it.
    case cancelled = "cancelled"
}

/// One new id.
struct Drawn {
    let id: Int
    /// Of the id by the model itself, without options.
    let logProbability: Double
    /// Why this id was the last; nil when more come.
    let ended: Ended?
}

/// Chooses ids: by chance, or the likeliest when the temperature is 0.
///
/// Every sample has its own stream of random numbers, one number per id, derived from the seed
/// and its number. A number in [0, 1) becomes the id at which the cumulative probability, in the
/// order of the ids, passes it; runtimes that differ in the last digits therefore hardly ever
/// draw differently.
struct Draw {
    let options: SamplingOptions
    private var stream: NumpyRandom

    init(options: SamplingOptions, seed: UInt64, sample: Int) {
        self.options = options
        stream = NumpyRandom(seed: [seed, UInt64(sample)])
    }

    /// One id.
    ///
    /// - Parameter scores: logits, -infinity for what must not come.
    mutating func choose(_ scores: [Double]) -> Int {
        if options.temperature == 0 {
            return placeOfLargest(scores)
        }
        let probabilities = filtered(scores, options).map { exp($0) }
        return idAt(stream.next(), of: probabilities)
    }
}

/// The id at which the cumulative probability passes a number in [0, 1).
///
/// - Parameters:
///   - number: uniform in [0, 1).
///   - probabilities: by id; they need not sum to exactly 1.
func idAt(_ number: Double, of probabilities: [Double]) -> Int {
    let sum = probabilities.reduce(0, +)
    let wanted = number * sum
    var cumulative = 0.0
    for (id, probability) in probabilities.enumerated() {
        cumulative += probability
        if cumulative > wanted {
            return id
        }
    }
    // Rounding may lift the product to the very end, past the last possible id.
    return probabilities.lastIndex { $0 > 0 } ?? 0
}

/// Checks that a network answered with numbers.
///
/// - Throws: `RNNToolkitError` when the largest logit is none.
func checkNumbers(_ logits: [Float]) throws {
    // A single "not a number" makes the sum one too.
    guard logits.max()?.isFinite == true, !logits.reduce(0, +).isNaN else {
        throw RNNToolkitError.bundle(
            "The network answered with something that is not a number.",
            "Its weights are damaged; export or train the model again."
        )
    }
}

/// Writes one sample.
///
/// - Parameters:
///   - prompt: what the model reads first, at least one id.
///   - model: the model.
///   - rules: what may come; their end mark ends the sample.
///   - draw: picks the ids.
///   - length: most new ids.
///   - added: told every new id; a reason ends the sample with this id.
func sample(
    after prompt: [Int], model: StepModel, rules: Rules, draw: Draw, length: Int,
    added: (Int) throws -> Ended?
) throws -> [Drawn] {
    var draw = draw
    var found: [Drawn] = []
    var written: [Int] = []
    var (logits, states) = try model.prefill(prompt)
    while true {
        try checkNumbers(logits)
        let byModel = logSoftmax(logits.map { Double($0) })
        let id = draw.choose(rules.apply(logits, written: written))
        written.append(id)
        var ended: Ended?
        if id == rules.endId {
            ended = .endMark
        } else {
            ended = try added(id) ?? (written.count == length ? .length : nil)
        }
        found.append(Drawn(id: id, logProbability: byModel[id], ended: ended))
        if ended != nil {
            return found
        }
        let answer = try model.step([id], states)
        logits = answer.logits[0]
        states = answer.states
    }
}
