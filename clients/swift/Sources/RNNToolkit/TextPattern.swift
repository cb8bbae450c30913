import Foundation

/// What a normalizer or a pre-tokenizer looks for: a plain text or a regular expression.
struct TextPattern {
    private enum Kind {
        case literal(Units)
        case expression(NSRegularExpression)
    }

    private let kind: Kind

    /// Reads `{"String": ...}` or `{"Regex": ...}` of a tokenizer.json.
    ///
    /// Foundation's engine (ICU) takes the toolkit's expressions as they are.
    ///
    /// - Throws: `RNNToolkitError` when it is neither, is empty or does not compile.
    init(_ description: JSONValue?, source: String) throws {
        if let text = description?["String"]?.string, !text.isEmpty {
            kind = .literal(text.units)
        } else if let expression = description?["Regex"]?.string {
            kind = .expression(try TextPattern.compiled(expression, source: source))
        } else {
            throw RNNToolkitError.bundle(
                "\(source) has a pattern that is neither a String nor a Regex.",
                "Export the model again."
            )
        }
    }

    /// - Parameter expression: a regular expression that is known to compile.
    /// - Throws: `RNNToolkitError` when it does not.
    init(expression: String) throws {
        kind = .expression(try TextPattern.compiled(expression, source: "The pattern"))
    }

    private static func compiled(_ expression: String, source: String) throws
        -> NSRegularExpression
    {
        do {
            // The toolkit's engine ends a line at U+000A only, which a "." does not match.
            return try NSRegularExpression(
                pattern: expression, options: [.useUnixLineSeparators])
        } catch {
            throw RNNToolkitError.bundle(
                "\(source) has a regular expression that Foundation cannot read: \(expression)",
                "Export the model again."
            )
        }
    }

    /// Where the pattern matches, from left to right; no match is empty.
    func matches(in units: Units) -> [Range<Int>] {
        switch kind {
        case .literal(let text):
            var found: [Range<Int>] = []
            var start = 0
            while let place = firstPlace(of: text, in: units, from: start) {
                start = place + text.count
                found.append(place..<start)
            }
            return found
        case .expression(let expression):
            let whole = NSRange(location: 0, length: units.count)
            return expression.matches(in: String(units: units), options: [], range: whole)
                .map { $0.range.location..<($0.range.location + $0.range.length) }
                .filter { !$0.isEmpty }
        }
    }

    /// A text with every match replaced.
    func replacing(in units: Units, with content: Units) -> Units {
        var result: Units = []
        var given = 0
        for match in matches(in: units) {
            result.append(contentsOf: units[given..<match.lowerBound])
            result.append(contentsOf: content)
            given = match.upperBound
        }
        result.append(contentsOf: units[given...])
        return result
    }
}
