import Foundation

/// One target text in ids.
struct TargetSequence {
    /// Without the end mark.
    let ids: [Int]
    /// The log-probability over the length penalty, plus the coverage penalty.
    let score: Double
    /// The sum by the model itself, an end mark included.
    let logProbability: Double
    let ended: Ended
}

/// Searches with a beam for the likeliest translations of one source text.
///
/// Each step ranks the continuations of the live hypotheses. Those among the best `beam` that
/// ended are answers; the best `beam` of the others stay live. Pruning is by log-probability
/// alone; the length and the coverage penalty rank the answers. The search is over
///
/// - at the length bound, or
/// - when no live hypothesis can still be among the best: log-probabilities only fall, and the
///   coverage penalty is at most 0, or
/// - when `beam` hypotheses ended, counted from the step in which one that ended is ahead of all
///   that are live. Before that step an end mark is a poor guess.
///
/// With beam 1 this is the greedy choice.
struct TranslationSearch {
    let model: EncoderDecoder
    let options: SearchOptions
    let beginId: Int
    let endId: Int
    /// Ids that are never written; the begin id is one anyway.
    let never: [Int]

    // A source token that was never looked at must cost much, but not everything.
    private static let leastAttention = 1e-9
    private static let almostNever: Float = -1e30

    /// A hypothesis, or a continuation of one that may become it.
    private struct Path {
        let row: Int
        let ids: [Int]
        let total: Double
        /// How much of each source token was read so far.
        let read: [Double]
    }

    /// The best endings, and how many were in time.
    private struct Answers {
        var best: [TargetSequence] = []
        var isCounting = false
        var count = 0

        mutating func add(_ answer: TargetSequence, most: Int, isAhead: Bool) {
            best = Array(stablySorted(best + [answer]) { $0.score > $1.score }.prefix(most))
            isCounting = isCounting || isAhead
            count += isCounting ? 1 : 0
        }
    }

    /// Translates source ids, at least one.
    ///
    /// - Returns: 1 to `nBest` answers, best first; of equals the one found earlier.
    func translate(_ source: [Int]) throws -> [TargetSequence] {
        let bound = options.bound(sourceTokens: source.count)
        var memory = try model.encode(source)
        var live = [
            Path(row: 0, ids: [], total: 0, read: [Double](repeating: 0, count: source.count))
        ]
        var answers = Answers()
        for position in 1...bound {
            let answer = try model.step(live.map { $0.ids.last ?? beginId }, memory)
            let grown = try continuations(of: live, answer, position: position)
            let hasEnded = grown.map { $0.ids.last == endId || position == bound }
            for (place, path) in grown.prefix(options.beam).enumerated() where hasEnded[place] {
                answers.add(
                    sequence(path, position), most: options.nBest, isAhead: place == 0)
            }
            let staying = grown.indices.filter { !hasEnded[$0] }.prefix(options.beam)
            guard let best = staying.first, !isDone(answers, best: grown[best].total, bound) else {
                break
            }
            let before = live.count
            live = staying.map { grown[$0] }
            memory = answer.memory.taking(rows: live.map(\.row), of: before)
        }
        return answers.best
    }

    /// The best continuations: twice the beam, since up to one beam of them may have ended.
    private func continuations(
        of live: [Path], _ answer: DecoderAnswer, position: Int
    ) throws -> [Path] {
        var grown: [Path] = []
        for (row, path) in live.enumerated() {
            let logits = answer.logits[row]
            try checkNumbers(logits)
            let normalizer = logNormalizer(logits)
            let scores = allowed(logits, path.ids, mayEnd: position > options.minLength)
            let read = zip(path.read, answer.attention[row]).map { $0 + Double($1) }
            for id in bestPlaces(scores, count: 2 * options.beam) where scores[id].isFinite {
                let total = path.total + (Double(scores[id]) - normalizer)
                grown.append(Path(row: row, ids: path.ids + [id], total: total, read: read))
            }
        }
        return Array(stablySorted(grown) { $0.total > $1.total }.prefix(2 * options.beam))
    }

    /// Logits in which what must not come is impossible; where nothing else is left the end mark
    /// may come after all.
    private func allowed(_ logits: [Float], _ history: [Int], mayEnd: Bool) -> [Float] {
        var scores = logits
        for id in never + [beginId] {
            scores[id] = -.infinity
        }
        if !mayEnd {
            scores[endId] = -.infinity
        }
        if options.noRepeatNgram > 0 {
            block(&scores, idsThatRepeat(history, size: options.noRepeatNgram))
        }
        if !scores.contains(where: \.isFinite) {
            scores[endId] = max(logits[endId], TranslationSearch.almostNever)
        }
        return scores
    }

    /// What to subtract from logits to make them natural-log probabilities.
    private func logNormalizer(_ logits: [Float]) -> Double {
        let largest = logits.max() ?? 0
        let sum = logits.reduce(0.0) { $0 + Double(exp($1 - largest)) }
        return Double(largest) + log(sum)
    }

    private func sequence(_ path: Path, _ position: Int) -> TargetSequence {
        let isByMark = path.ids.last == endId
        var score = path.total / lengthPenalty(position, alpha: options.lengthPenalty)
        if options.coveragePenalty > 0 {
            // The coverage penalty cp of equation 14 of Wu et al. (2016): 0 when all was read.
            let unread = path.read.reduce(0.0) { sum, read in
                sum + log(min(max(read, TranslationSearch.leastAttention), 1))
            }
            score += options.coveragePenalty * unread
        }
        return TargetSequence(
            ids: isByMark ? Array(path.ids.dropLast()) : path.ids, score: score,
            logProbability: path.total, ended: isByMark ? .endMark : .length)
    }

    /// Whether nothing live can change the answers; `best` is the best live total.
    private func isDone(_ answers: Answers, best: Double, _ bound: Int) -> Bool {
        if answers.count >= options.beam {
            return true
        }
        let most = best / lengthPenalty(bound, alpha: options.lengthPenalty)
        return answers.best.count == options.nBest
            && answers.best[options.nBest - 1].score >= most
    }
}
