import Foundation

/// Joins the characters of a piece pair by pair, in the order in which the pairs were learnt
/// (Sennrich et al., 2016).
struct BytePairEncoding: VocabularyModel {
    /// Two neighbours that may be joined.
    private struct Pair: Hashable {
        let left: Int
        let right: Int
    }

    private struct Merge {
        let rank: Int
        let joined: Int
    }

    private let vocabulary: Vocabulary
    private let unknownId: Int?
    private let merges: [Pair: Merge]

    /// - Parameters:
    ///   - vocabulary: every character and every joined token.
    ///   - merges: the pairs in the order in which they were learnt.
    ///   - unknownId: of a character that the vocabulary lacks; nil leaves such characters out.
    ///   - source: the file, for the error.
    /// - Throws: `RNNToolkitError` when a pair or what it makes is not in the vocabulary.
    init(vocabulary: Vocabulary, merges: [(Units, Units)], unknownId: Int?, source: String) throws {
        var known: [Pair: Merge] = [:]
        known.reserveCapacity(merges.count)
        for (rank, (left, right)) in merges.enumerated() {
            guard let first = vocabulary.idByToken[left], let second = vocabulary.idByToken[right],
                let joined = vocabulary.idByToken[left + right]
            else {
                throw RNNToolkitError.bundle(
                    "\(source) joins \(String(units: left)) and \(String(units: right)), which its "
                        + "vocabulary lacks.",
                    "Export the model again."
                )
            }
            known[Pair(left: first, right: second)] = Merge(rank: rank, joined: joined)
        }
        self.vocabulary = vocabulary
        self.unknownId = unknownId
        self.merges = known
    }

    func ids(of piece: Units) -> [Int] {
        var chain = Chain(ids: characterIds(of: piece))
        var waiting = MinimumHeap<Candidate>()
        for place in chain.ids.indices.dropLast() {
            add(place, of: chain, to: &waiting)
        }
        // What was learnt first is joined first, of equals what stands further left.
        while let best = waiting.popSmallest() {
            guard chain.pair(at: best.place) == best.pair else { continue }
            chain.join(at: best.place, into: best.joined)
            add(best.place, of: chain, to: &waiting)
            if let before = chain.place(before: best.place) {
                add(before, of: chain, to: &waiting)
            }
        }
        return chain.remaining()
    }

    private func characterIds(of piece: Units) -> [Int] {
        var found: [Int] = []
        found.reserveCapacity(piece.count)
        var start = 0
        while start < piece.count {
            var end = start + 1
            while end < piece.count, isSecondHalf(piece[end]) {
                end += 1
            }
            if let id = vocabulary.idByToken[Array(piece[start..<end])] ?? unknownId {
                found.append(id)
            }
            start = end
        }
        return found
    }

    private func add(_ place: Int, of chain: Chain, to waiting: inout MinimumHeap<Candidate>) {
        guard let pair = chain.pair(at: place), let merge = merges[pair] else { return }
        waiting.insert(
            Candidate(rank: merge.rank, place: place, pair: pair, joined: merge.joined))
    }

    private struct Candidate: Comparable {
        let rank: Int
        let place: Int
        let pair: Pair
        let joined: Int

        static func < (one: Candidate, other: Candidate) -> Bool {
            (one.rank, one.place) < (other.rank, other.place)
        }
    }

    /// The tokens of a piece as a linked list, so that joining two costs the same in any piece.
    private struct Chain {
        var ids: [Int]
        private var next: [Int]
        private var previous: [Int]
        private var isGone: [Bool]

        init(ids: [Int]) {
            self.ids = ids
            next = ids.indices.map { $0 + 1 }
            previous = ids.indices.map { $0 - 1 }
            isGone = [Bool](repeating: false, count: ids.count)
        }

        func pair(at place: Int) -> Pair? {
            guard !isGone[place], next[place] < ids.count else { return nil }
            return Pair(left: ids[place], right: ids[next[place]])
        }

        func place(before place: Int) -> Int? {
            previous[place] >= 0 ? previous[place] : nil
        }

        mutating func join(at place: Int, into id: Int) {
            let gone = next[place]
            ids[place] = id
            isGone[gone] = true
            next[place] = next[gone]
            if next[gone] < ids.count {
                previous[next[gone]] = place
            }
        }

        func remaining() -> [Int] {
            ids.indices.filter { !isGone[$0] }.map { ids[$0] }
        }
    }
}
