import Foundation

/// One answer of a beam search.
struct Hypothesis {
    /// Without the end mark.
    let ids: [Int]
    /// The sum of log-probabilities over the length penalty; higher is better.
    let score: Double
    /// The sum by the model itself, the end mark included.
    let logProbability: Double
    let ended: Ended
}

/// A hypothesis that goes on; `total` is its score without length penalty.
private struct Live {
    let row: Int
    let ids: [Int]
    let total: Double
    let logProbability: Double
}

/// The likeliest sequences that a beam of a given width finds.
///
/// Each step keeps the best continuations of all live hypotheses. Those that ended among them
/// leave the beam, and the next step fills it again from the others. The search is over when
/// nothing is live, or when no live hypothesis can still be among the best: log-probabilities
/// only fall, so the most that it can reach is its sum over the penalty of the greatest length.
///
/// - Parameters:
///   - prompt: what the model reads first, at least one id.
///   - model: the model; all hypotheses go through it in one call.
///   - rules: what may come.
///   - options: beam, number of answers, length and length penalty.
///   - stopped: whether the text of these ids ends here.
/// - Returns: At least one answer, best first; those of equal score in the order they were found.
func beamSearch(
    after prompt: [Int], model: StepModel, rules: Rules, options: SamplingOptions,
    stopped: ([Int]) -> Bool
) throws -> [Hypothesis] {
    var live = [Live(row: 0, ids: [], total: 0, logProbability: 0)]
    var finished: [Hypothesis] = []
    let first = try model.prefill(prompt)
    var logits = [first.logits]
    var states = first.states
    for position in 1...options.length {
        try logits.forEach(checkNumbers)
        var goingOn: [Live] = []
        for grown in bestContinuations(of: live, logits, rules, width: options.beam) {
            let isLast = position == options.length
            guard let ended = end(of: grown.ids, rules.endId, isLast: isLast, stopped) else {
                goingOn.append(grown)
                continue
            }
            finished.append(
                Hypothesis(
                    ids: ended == .endMark ? Array(grown.ids.dropLast()) : grown.ids,
                    score: grown.total / lengthPenalty(position, alpha: options.lengthPenalty),
                    logProbability: grown.logProbability,
                    ended: ended))
        }
        finished = Array(stablySorted(finished) { $0.score > $1.score }.prefix(options.nBest))
        guard let best = goingOn.map(\.total).max() else { break }
        let bound = best / lengthPenalty(options.length, alpha: options.lengthPenalty)
        if finished.count == options.nBest, finished[options.nBest - 1].score >= bound {
            break
        }
        live = goingOn
        let rows = goingOn.map(\.row)
        let answer = try model.step(
            goingOn.map { $0.ids[$0.ids.count - 1] }, states.mapValues { $0.taking(rows: rows) })
        logits = answer.logits
        states = answer.states
    }
    guard !finished.isEmpty else {
        throw RNNToolkitError.bundle(
            "The network finds every token impossible.", "Export or train the model again.")
    }
    return finished
}

/// The best continuations, best first, of equals the lower rows and ids.
private func bestContinuations(
    of live: [Live], _ logits: [[Float]], _ rules: Rules, width: Int
) -> [Live] {
    var grown: [Live] = []
    for (row, hypothesis) in live.enumerated() {
        let numbers = logits[row].map { Double($0) }
        let byModel = logSoftmax(numbers)
        // What the rules leave keeps its probability: a forced way must not look certain.
        let normalizer = (numbers.max() ?? 0) - (byModel.max() ?? 0)
        let scores = rules.apply(logits[row], written: hypothesis.ids)
        let totals = scores.map { $0 - normalizer + hypothesis.total }
        // No more than `width` of a row can be among the `width` best of all.
        for id in bestPlaces(totals, count: width) where totals[id].isFinite {
            grown.append(
                Live(
                    row: row, ids: hypothesis.ids + [id], total: totals[id],
                    logProbability: hypothesis.logProbability + byModel[id]))
        }
    }
    return Array(stablySorted(grown) { $0.total > $1.total }.prefix(width))
}

/// The places of the largest values, largest first, of equals the lower places.
func bestPlaces<Number: BinaryFloatingPoint>(_ values: [Number], count: Int) -> [Int] {
    var best: [Int] = []
    for place in values.indices {
        if best.count == count, values[place] <= values[best[count - 1]] {
            continue
        }
        // What is as large as the new value stands before it.
        let following = best.firstIndex { values[$0] < values[place] } ?? best.count
        best.insert(place, at: following)
        if best.count > count {
            best.removeLast()
        }
    }
    return best
}

/// Values in order; equals stay in the order they had, which Swift's own sort does not promise.
func stablySorted<Value>(_ values: [Value], by precedes: (Value, Value) -> Bool) -> [Value] {
    values.enumerated().sorted { one, other in
        if precedes(one.element, other.element) {
            return true
        }
        if precedes(other.element, one.element) {
            return false
        }
        return one.offset < other.offset
    }.map(\.element)
}

private func end(
    of ids: [Int], _ endId: Int?, isLast: Bool, _ stopped: ([Int]) -> Bool
) -> Ended? {
    if ids.last == endId {
        return .endMark
    }
    if stopped(ids) {
        return .stopString
    }
    return isLast ? .length : nil
}

/// What a sum of log-probabilities is divided by: lp of equation 14 of Wu et al. (2016).
///
/// - Parameters:
///   - length: ids of the hypothesis, an end mark included.
///   - alpha: 0 for none; larger favours longer answers.
func lengthPenalty(_ length: Int, alpha: Double) -> Double {
    pow((5 + Double(length)) / 6, alpha)
}
