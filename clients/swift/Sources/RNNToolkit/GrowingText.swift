import Foundation

/// The text of one sample while ids arrive, in whole characters, up to a stop string.
///
/// An id may hold half a character (byte-level subwords): its text waits for the rest. Pieces are
/// decoded after the ids of the piece before, because a decoder may put a space between two
/// tokens. All pieces together are the decoded text.
struct GrowingText {
    private(set) var text: Units = []
    /// Whether a stop string ended it.
    private(set) var isStopped = false

    private let decode: ([Int]) -> Units
    private let stops: [Units]
    private let longestStop: Int
    private var context: [Int]
    private var waiting: [Int] = []
    private var searchFrom = 0
    private var given = 0

    /// - Parameters:
    ///   - decode: ids to text.
    ///   - stops: texts of at least one character that end it.
    ///   - context: ids before the first; their text is not part of this one.
    init(decode: @escaping ([Int]) -> Units, stops: [Units], context: [Int]) {
        self.decode = decode
        self.stops = stops
        self.context = context
        longestStop = stops.map(\.count).max() ?? 0
    }

    /// One more id.
    mutating func add(_ id: Int) {
        waiting.append(id)
        let piece = self.piece()
        if piece.last == replacementCharacter {
            return
        }
        context = waiting
        waiting = []
        append(piece)
    }

    /// No more ids come: what is left of half a character is dropped.
    mutating func finish() {
        if !waiting.isEmpty && !isStopped {
            append(withoutHalfCharacters(piece()))
            waiting = []
        }
    }

    /// The text since the last call that can no longer change.
    ///
    /// - Parameter isLast: nothing more comes, so that a tail that looks like the beginning of a
    ///   stop string is given too.
    mutating func news(isLast: Bool = false) -> String {
        let held = isLast || isStopped ? 0 : heldBack()
        let end = max(given, text.count - held)
        let piece = given < text.count ? Array(text[given..<end]) : []
        given = end
        return String(units: piece)
    }

    /// The first stop string of a text; nil where there is none.
    static func stopPlace(of stops: [Units], in text: Units, from start: Int = 0) -> Int? {
        stops.compactMap { firstPlace(of: $0, in: text, from: start) }.min()
    }

    private mutating func append(_ piece: Units) {
        text.append(contentsOf: piece)
        if let place = GrowingText.stopPlace(of: stops, in: text, from: searchFrom) {
            text.removeSubrange(place...)
            isStopped = true
        }
        searchFrom = max(searchFrom, text.count - longestStop + 1)
    }

    /// How many units at the end may be the beginning of a stop string.
    private func heldBack() -> Int {
        var longest = 0
        for stop in stops {
            for length in stride(from: min(stop.count - 1, text.count), to: longest, by: -1)
            where text.suffix(length).elementsEqual(stop.prefix(length)) {
                longest = length
                break
            }
        }
        return longest
    }

    private func piece() -> Units {
        let before = decode(context)
        return Array(decode(context + waiting).dropFirst(before.count))
    }
}
