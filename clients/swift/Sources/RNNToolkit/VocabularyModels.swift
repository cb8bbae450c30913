import Foundation

/// Turns a piece of text into the ids of its tokens.
protocol VocabularyModel {
    /// The ids of a piece.
    ///
    /// - Parameter piece: what a pre-tokenizer cut, at least one code unit.
    func ids(of piece: Units) -> [Int]
}

/// The tokens of a tokenizer.json, by code units and by id.
struct Vocabulary {
    let idByToken: [Units: Int]
    /// By id; nil where an id has no token.
    let tokens: [Units?]

    /// Reads the "vocab" of a model.
    ///
    /// - Throws: `RNNToolkitError` when it is no object of whole numbers from 0.
    init(_ description: JSONValue?, source: String) throws {
        guard let members = description?.members else { throw Vocabulary.damaged(source) }
        var byToken: [Units: Int] = [:]
        byToken.reserveCapacity(members.count)
        var largest = -1
        for member in members {
            guard let id = member.value.integer, (0...Int(Int32.max)).contains(id) else {
                throw Vocabulary.damaged(source)
            }
            byToken[member.name.units] = id
            largest = max(largest, id)
        }
        // Ids lie close together; a single huge one would fill the memory with empty places.
        guard largest < 4 * members.count + 1024 else { throw Vocabulary.damaged(source) }
        var byId = [Units?](repeating: nil, count: largest + 1)
        for (token, id) in byToken {
            byId[id] = token
        }
        idByToken = byToken
        tokens = byId
    }

    /// Number of tokens.
    var count: Int { idByToken.count }

    /// The id of a token that a model names, such as the unknown one.
    ///
    /// - Throws: `RNNToolkitError` when the vocabulary lacks it.
    func id(named token: String, source: String) throws -> Int {
        guard let id = idByToken[token.units] else {
            throw RNNToolkitError.bundle(
                "\(source) has no token \(token) in its vocabulary.", "Export the model again.")
        }
        return id
    }

    private static func damaged(_ source: String) -> RNNToolkitError {
        .bundle("\(source) has no vocabulary of tokens with ids.", "Export the model again.")
    }
}

/// A token is a whole piece; a piece that the vocabulary lacks is unknown.
struct WordLevel: VocabularyModel {
    let vocabulary: Vocabulary
    let unknownId: Int

    func ids(of piece: Units) -> [Int] {
        [vocabulary.idByToken[piece] ?? unknownId]
    }
}

/// Cuts a word into the longest tokens from left to right (Schuster and Nakajima, 2012).
struct WordPiece: VocabularyModel {
    let vocabulary: Vocabulary
    let unknownId: Int
    /// What marks a token that continues a word.
    let prefix: Units
    /// Longer words are unknown, in characters.
    let longestWord: Int

    func ids(of piece: Units) -> [Int] {
        // Where characters begin, and the end: a token never ends inside a surrogate pair.
        var places = piece.indices.filter { !isSecondHalf(piece[$0]) }
        guard places.count <= longestWord else { return [unknownId] }
        places.append(piece.count)
        var found: [Int] = []
        var start = 0
        while start < places.count - 1 {
            guard let (id, end) = longestToken(of: piece, places: places, from: start) else {
                return [unknownId]
            }
            found.append(id)
            start = end
        }
        return found
    }

    private func longestToken(of piece: Units, places: [Int], from start: Int) -> (Int, Int)? {
        let before = start == 0 ? [] : prefix
        for end in stride(from: places.count - 1, to: start, by: -1) {
            if let id = vocabulary.idByToken[before + piece[places[start]..<places[end]]] {
                return (id, end)
            }
        }
        return nil
    }
}
