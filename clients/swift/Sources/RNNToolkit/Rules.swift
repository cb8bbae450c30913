import Foundation

/// What may come next, given what was written.
struct Rules {
    /// Ids that are never written: padding, unknown, begin and the like.
    let never: [Int]
    /// The end mark; nil for a model that has none.
    let endId: Int?
    /// New ids before the end mark may come.
    let minLength: Int
    /// Ids before the new ones; they count as written for repeats.
    let prompt: [Int]
    /// No sequence of so many ids comes twice; 0 for off.
    let noRepeatNgram: Int
    /// 1 for off.
    let repetitionPenalty: Double

    /// Changed logits; -infinity for what must not come.
    ///
    /// - Parameters:
    ///   - logits: of the model.
    ///   - written: the new ids so far.
    func apply(_ logits: [Float], written: [Int]) -> [Double] {
        var scores = logits.map { Double($0) }
        if repetitionPenalty != 1 {
            for id in Set(prompt).union(written) {
                scores[id] = penaliseRepetition(scores[id], repetitionPenalty)
            }
        }
        for id in never {
            scores[id] = -.infinity
        }
        if let endId = endId, written.count < minLength {
            scores[endId] = -.infinity
        }
        if noRepeatNgram > 0 {
            block(&scores, idsThatRepeat(prompt + written, size: noRepeatNgram))
        }
        return scores
    }
}

/// The ids that would complete an n-gram which the history already has (Paulus et al., 2018).
///
/// - Parameters:
///   - history: ids so far.
///   - size: the n of the n-grams, at least 1.
func idsThatRepeat(_ history: [Int], size: Int) -> Set<Int> {
    guard history.count >= size else { return [] }
    let tail = history.suffix(size - 1)
    var found: Set<Int> = []
    for start in 0...(history.count - size) {
        let last = start + size - 1
        if history[start..<last].elementsEqual(tail) {
            found.insert(history[last])
        }
    }
    return found
}

/// Makes ids impossible, unless nothing would be left.
func block<Number: BinaryFloatingPoint>(_ scores: inout [Number], _ ids: Set<Int>) {
    let isLeft = scores.indices.contains { scores[$0].isFinite && !ids.contains($0) }
    guard isLeft else { return }
    for id in ids {
        scores[id] = -.infinity
    }
}

/// The place of the largest value, of equals the first.
func placeOfLargest<Number: BinaryFloatingPoint>(_ values: [Number]) -> Int {
    var best = 0
    for place in values.indices where values[place] > values[best] {
        best = place
    }
    return best
}
