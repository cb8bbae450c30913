import Foundation

// Filters between a model's logits and the draw, for one row each. They are applied in this
// order: rules, repetition penalty (`Rules`), temperature, top-k, top-p, min-p, typical. A token
// that is filtered out has the score -infinity; at least one always survives. Where tokens are
// equally likely the lower id wins.

/// Sums of probabilities carry rounding errors; a set that reaches its mass but for less than
/// this has reached it.
private let tolerance = 1e-9

/// Natural-log probabilities of logits, in double precision.
func logSoftmax(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let shifted = logits.map { $0 - largest }
    let sum = shifted.reduce(0) { $0 + exp($1) }
    let normalizer = log(sum)
    return shifted.map { $0 - normalizer }
}

/// The log-probabilities to draw from.
///
/// - Parameters:
///   - scores: logits, -infinity where the rules forbid a token.
///   - options: temperature (above 0) and filters.
func filtered(_ scores: [Double], _ options: SamplingOptions) -> [Double] {
    var kept = withTemperature(scores, options.temperature)
    if options.topK > 0 {
        kept = keepTopK(kept, options.topK)
    }
    if options.topP < 1 {
        kept = keepTopP(kept, options.topP)
    }
    if options.minP > 0 {
        kept = keepMinP(kept, options.minP)
    }
    if options.typical < 1 {
        kept = keepTypical(kept, options.typical)
    }
    return logSoftmax(kept)
}

/// Scores divided by a temperature above 0; below 1 the likely becomes likelier.
func withTemperature(_ scores: [Double], _ temperature: Double) -> [Double] {
    let largest = scores.max() ?? 0
    return scores.map { ($0 - largest) / temperature }
}

/// Keeps the k likeliest tokens (Fan et al., 2018).
func keepTopK(_ scores: [Double], _ k: Int) -> [Double] {
    k >= scores.count ? scores : keepBest(scores, count: k)
}

/// Keeps the smallest set of likeliest tokens that has the mass (Holtzman et al., 2020).
func keepTopP(_ scores: [Double], _ mass: Double) -> [Double] {
    let logProbabilities = logSoftmax(scores)
    let descending = logProbabilities.sorted(by: >).map { exp($0) }
    return keepBest(logProbabilities, count: countToMass(descending, mass))
}

/// Keeps tokens at least `share` times as likely as the likeliest (Nguyen et al., 2024).
func keepMinP(_ scores: [Double], _ share: Double) -> [Double] {
    let threshold = (scores.max() ?? 0) + log(share) - tolerance
    return scores.map { $0 >= threshold ? $0 : -.infinity }
}

/// Keeps the tokens whose surprise is nearest the expected one (Meister et al., 2023).
///
/// - Parameters:
///   - scores: logits or log-probabilities.
///   - mass: the probability that the kept set must have, above 0, at most 1.
func keepTypical(_ scores: [Double], _ mass: Double) -> [Double] {
    let logProbabilities = logSoftmax(scores)
    let possible = logProbabilities.indices.filter { logProbabilities[$0].isFinite }
    let entropy = possible.reduce(0.0) { sum, id in
        sum - exp(logProbabilities[id]) * logProbabilities[id]
    }
    let distances = logProbabilities.map { abs(-$0 - entropy) }
    let order = possible.sorted { (distances[$0], $0) < (distances[$1], $1) }
    let count = countToMass(order.map { exp(logProbabilities[$0]) }, mass)
    var kept = [Double](repeating: -.infinity, count: scores.count)
    for id in order.prefix(count) {
        kept[id] = logProbabilities[id]
    }
    return kept
}

/// The logit of a token that was there before, made smaller (Keskar et al., 2019).
///
/// A positive logit is divided by the penalty and a negative one multiplied, so that both lose.
func penaliseRepetition(_ logit: Double, _ penalty: Double) -> Double {
    logit > 0 ? logit / penalty : logit * penalty
}

/// How many of the ordered probabilities it takes to reach a mass; at least one.
private func countToMass(_ ordered: [Double], _ mass: Double) -> Int {
    var count = 0
    var sum = 0.0
    for probability in ordered {
        sum += probability
        if sum - probability < mass - tolerance {
            count += 1
        }
    }
    return max(count, 1)
}

/// Keeps the best scores, of equals the lower ids.
private func keepBest(_ scores: [Double], count: Int) -> [Double] {
    let threshold = scores.sorted(by: >)[count - 1]
    var room = count - scores.reduce(0) { $0 + ($1 > threshold ? 1 : 0) }
    return scores.map { score in
        if score > threshold {
            return score
        }
        guard score == threshold, room > 0 else { return -.infinity }
        room -= 1
        return score
    }
}
