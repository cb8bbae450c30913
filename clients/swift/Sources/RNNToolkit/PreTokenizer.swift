import Foundation

/// Cuts a clean text into the pieces that a vocabulary model turns into tokens, as tokenizer.json
/// describes it.
indirect enum PreTokenizer {
    case sequence([PreTokenizer])
    case split(TextPattern, SplitBehavior, invert: Bool)
    case byteLevel(addPrefixSpace: Bool, pattern: TextPattern?)

    /// What becomes of the matches of a split.
    enum SplitBehavior: String {
        case isolated = "Isolated"
        case removed = "Removed"
    }

    // The classes of GPT-2; white space is spelled out because engines differ in what \s means.
    private static let byteLevelPattern =
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+"
        + "|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+"

    /// Reads the "pre_tokenizer" of a tokenizer.json.
    ///
    /// - Parameters:
    ///   - description: the value; null leaves a text whole.
    ///   - source: the file, for the error.
    /// - Throws: `RNNToolkitError` when this client does not know the pre-tokenizer.
    init(_ description: JSONValue?, source: String) throws {
        guard let description = description, !description.isNull else {
            self = .sequence([])
            return
        }
        let name = description["type"]?.string ?? "?"
        switch name {
        case "Sequence":
            let steps = description["pretokenizers"]?.array ?? []
            self = .sequence(try steps.map { try PreTokenizer($0, source: source) })
        case "Split":
            let written = description["behavior"]?.string ?? "?"
            guard let behavior = SplitBehavior(rawValue: written) else {
                throw RNNToolkitError.unknownPart("split behaviour", written, of: source)
            }
            let pattern = try TextPattern(description["pattern"], source: source)
            self = .split(pattern, behavior, invert: description["invert"]?.boolean ?? false)
        case "ByteLevel":
            let cuts = description["use_regex"]?.boolean ?? true
            self = .byteLevel(
                addPrefixSpace: description["add_prefix_space"]?.boolean ?? true,
                pattern: cuts ? try TextPattern(expression: PreTokenizer.byteLevelPattern) : nil
            )
        default:
            throw RNNToolkitError.unknownPart("pre-tokenizer", name, of: source)
        }
    }

    /// The pieces of a text, in order; none is empty.
    func cut(_ units: Units) -> [Units] {
        switch self {
        case .sequence(let steps):
            return steps.reduce(units.isEmpty ? [] : [units]) { pieces, step in
                pieces.flatMap { step.cut($0) }
            }
        case .split(let pattern, let behavior, let invert):
            return pieces(of: units, pattern, behavior, invert: invert)
        case .byteLevel(let addPrefixSpace, let pattern):
            guard !units.isEmpty else { return [] }
            let spaced = addPrefixSpace && units.first != 0x0020 ? [0x0020] + units : units
            guard let pattern = pattern else { return [ByteAlphabet.encode(spaced)] }
            return pieces(of: spaced, pattern, .isolated, invert: false).map(ByteAlphabet.encode)
        }
    }
}

private func pieces(
    of units: Units, _ pattern: TextPattern, _ behavior: PreTokenizer.SplitBehavior, invert: Bool
) -> [Units] {
    var found: [Units] = []
    func add(_ range: Range<Int>, isMatch: Bool) {
        let isRemoved = behavior == .removed && isMatch != invert
        if !range.isEmpty && !isRemoved {
            found.append(Array(units[range]))
        }
    }
    var given = 0
    for match in pattern.matches(in: units) {
        add(given..<match.lowerBound, isMatch: false)
        add(match, isMatch: true)
        given = match.upperBound
    }
    add(given..<units.count, isMatch: false)
    return found
}
