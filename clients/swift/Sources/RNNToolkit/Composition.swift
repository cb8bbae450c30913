/// A text in Unicode's composed form (NFC).
///
/// Foundation has a function for it, `precomposedStringWithCanonicalMapping`. Where that was
/// measured (on Linux) it joins marks with characters beyond U+FFFF as if their first digits were
/// missing, so that U+10410 with a diaeresis becomes a Cyrillic letter. A tokenizer must not.
func composed(_ units: Units) -> Units {
    // Below U+0300 nothing composes, and most texts need no more than a look.
    if units.allSatisfy({ $0 < 0x0300 }) {
        return units
    }
    let scalars = String(units: units).unicodeScalars.map(\.value)
    let tables = CanonicalTables.shared
    if scalars.allSatisfy({ $0 < 0x0300 || tables.staysAsItIs($0) }) {
        return units
    }
    var text = String.UnicodeScalarView()
    for value in tables.compose(inOrder(scalars.flatMap(tables.decompose))) {
        if let scalar = Unicode.Scalar(value) {
            text.append(scalar)
        }
    }
    return String(text).units
}

/// Decomposed code points with the marks of each character in canonical order.
private func inOrder(_ scalars: [UInt32]) -> [UInt32] {
    var result = scalars
    var start = 0
    while start < result.count {
        var end = start
        while end < result.count, combiningClass(result[end]) != 0 {
            end += 1
        }
        if end - start > 1 {
            let marks = stablySorted(Array(result[start..<end])) {
                combiningClass($0) < combiningClass($1)
            }
            result.replaceSubrange(start..<end, with: marks)
        }
        start = max(end, start + 1)
    }
    return result
}

/// 0 for a character that others combine with; marks of different classes may change places.
private func combiningClass(_ value: UInt32) -> UInt8 {
    guard value >= 0x0300, let scalar = Unicode.Scalar(value) else { return 0 }
    return scalar.properties.canonicalCombiningClass.rawValue
}

/// What decomposes into what, and what composes again (Unicode Standard Annex 15).
private struct CanonicalTables {
    static let shared = CanonicalTables(canonicalMappings)

    private struct Pair: Hashable {
        let first: UInt32
        let second: UInt32
    }

    private var decompositions: [UInt32: [UInt32]] = [:]
    private var composites: [Pair: UInt32] = [:]
    private var seconds: Set<UInt32> = []
    private var onceDecomposed: Set<UInt32> = []

    init(_ mappings: String) {
        var value: UInt32 = 0
        for word in mappings.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if word.last == ":" {
                value = UInt32(word.dropLast(), radix: 16) ?? 0
                continue
            }
            let isExcluded = word.last == "!"
            let parts = (isExcluded ? word.dropLast() : word).split(separator: ".")
                .compactMap { UInt32($0, radix: 16) }
            decompositions[value] = parts
            if parts.count == 2 && !isExcluded {
                composites[Pair(first: parts[0], second: parts[1])] = value
                seconds.insert(parts[1])
            } else {
                onceDecomposed.insert(value)
            }
            value += 1
        }
    }

    /// Whether a character neither changes nor joins one before it, whatever stands there.
    func staysAsItIs(_ value: UInt32) -> Bool {
        !seconds.contains(value) && !onceDecomposed.contains(value)
            && !Hangul.joins(value) && combiningClass(value) == 0
    }

    /// A code point and all that it decomposes into.
    func decompose(_ value: UInt32) -> [UInt32] {
        if let parts = Hangul.decompose(value) {
            return parts
        }
        guard let parts = decompositions[value] else { return [value] }
        return parts.flatMap(decompose)
    }

    /// Ordered code points, those that have a composed form joined.
    func compose(_ scalars: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var starter: Int?
        var classBefore: UInt8 = 0
        for value in scalars {
            let ownClass = combiningClass(value)
            if let place = starter,
                place == result.count - 1 || classBefore < ownClass,
                let joined = composite(result[place], value)
            {
                result[place] = joined
                continue
            }
            if ownClass == 0 {
                starter = result.count
            }
            classBefore = ownClass
            result.append(value)
        }
        return result
    }

    private func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.composite(first, second) ?? composites[Pair(first: first, second: second)]
    }
}

/// Korean syllables, whose composition is arithmetic (Unicode Standard, section 3.12).
private enum Hangul {
    private static let leads: Range<UInt32> = 0x1100..<0x1113
    private static let vowels: Range<UInt32> = 0x1161..<0x1176
    /// Trailing consonants; the code point before the first stands for none.
    private static let trails: Range<UInt32> = 0x11A8..<0x11C3
    private static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
    private static let syllablesPerVowel: UInt32 = 28

    static func joins(_ value: UInt32) -> Bool {
        vowels.contains(value) || trails.contains(value)
    }

    static func decompose(_ value: UInt32) -> [UInt32]? {
        guard syllables.contains(value) else { return nil }
        let number = value - syllables.lowerBound
        let vowel = number / syllablesPerVowel
        let count = UInt32(vowels.count)
        let parts = [leads.lowerBound + vowel / count, vowels.lowerBound + vowel % count]
        let trail = number % syllablesPerVowel
        return trail == 0 ? parts : parts + [trails.lowerBound + trail - 1]
    }

    static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if leads.contains(first) && vowels.contains(second) {
            let lead = first - leads.lowerBound
            let vowel = lead * UInt32(vowels.count) + (second - vowels.lowerBound)
            return syllables.lowerBound + vowel * syllablesPerVowel
        }
        if syllables.contains(first) && trails.contains(second),
            (first - syllables.lowerBound) % syllablesPerVowel == 0
        {
            return first + (second - trails.lowerBound) + 1
        }
        return nil
    }
}
