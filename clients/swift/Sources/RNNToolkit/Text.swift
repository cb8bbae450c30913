import Foundation

/// A text as UTF-16 code units.
///
/// Swift compares strings by canonical equivalence: "é" equals "e" with a combining accent, and
/// as keys of a dictionary the two collide. A tokenizer must tell them apart, so texts and tokens
/// are compared by their code units here. A Swift `String` never holds half of a surrogate pair
/// (one that comes from an `NSString` reads as U+FFFD), so that every run of units is a text.
typealias Units = [UInt16]

/// What an undecodable byte becomes, and half a character of a byte-level tokenizer with it.
let replacementCharacter: UInt16 = 0xFFFD

extension String {
    /// The text's UTF-16 code units.
    var units: Units { Array(utf16) }

    /// A text from UTF-16 code units.
    init<Source: Collection>(units: Source) where Source.Element == UInt16 {
        self.init(decoding: units, as: UTF16.self)
    }

    /// Whether two texts have the same code points, which `==` does not ask.
    func isSame(as other: String) -> Bool {
        utf16.elementsEqual(other.utf16)
    }
}

/// Whether a code unit is white space in the sense of Unicode.
func isWhiteSpace(_ unit: UInt16) -> Bool {
    switch unit {
    case 0x0009...0x000D, 0x0020, 0x0085, 0x00A0, 0x1680, 0x2000...0x200A,
        0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
        return true
    default:
        return false
    }
}

/// Whether a code unit is white space in the sense of Python's `str.split`, which the toolkit
/// cleans texts with; it counts four control characters more than Unicode does.
func isPythonWhiteSpace(_ unit: UInt16) -> Bool {
    isWhiteSpace(unit) || (0x001C...0x001F).contains(unit)
}

/// Whether a code unit is the second half of a surrogate pair.
func isSecondHalf(_ unit: UInt16) -> Bool {
    (0xDC00...0xDFFF).contains(unit)
}

/// A text without the code units at its ends that `isRemoved` accepts.
func trimmed(_ units: Units, isRemoved: (UInt16) -> Bool) -> Units {
    guard let first = units.firstIndex(where: { !isRemoved($0) }),
        let last = units.lastIndex(where: { !isRemoved($0) })
    else {
        return []
    }
    return Array(units[first...last])
}

/// A text without U+FFFD at its end.
func withoutHalfCharacters(_ units: Units) -> Units {
    guard let last = units.lastIndex(where: { $0 != replacementCharacter }) else { return [] }
    return Array(units[...last])
}

/// Where a text begins inside another one.
///
/// - Parameters:
///   - pattern: what is looked for, at least one unit.
///   - units: where it is looked for.
///   - start: the first place that counts.
/// - Returns: The first place, or nil when there is none.
func firstPlace(of pattern: Units, in units: Units, from start: Int = 0) -> Int? {
    let last = units.count - pattern.count
    guard !pattern.isEmpty, start <= last else { return nil }
    for place in start...last where units[place] == pattern[0] {
        if units[place..<(place + pattern.count)].elementsEqual(pattern) {
            return place
        }
    }
    return nil
}

/// A text with every occurrence of another one replaced, from left to right.
func replacing(_ old: Units, with new: Units, in units: Units) -> Units {
    var result: Units = []
    var given = 0
    while let place = firstPlace(of: old, in: units, from: given) {
        result.append(contentsOf: units[given..<place])
        result.append(contentsOf: new)
        given = place + old.count
    }
    result.append(contentsOf: units[given...])
    return result
}

/// A text on one line, composed, with plain single spaces, which is how translation reads.
///
/// White space of every kind and length becomes one space; there is none at the ends.
func plainLine(_ text: String) -> String {
    let words = composed(text.units).split(whereSeparator: isPythonWhiteSpace)
    return String(units: Units(words.joined(separator: [0x0020])))
}
