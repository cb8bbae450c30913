import Foundation

/// The clean-up that a text passes before it is cut into tokens, as tokenizer.json describes it.
indirect enum Normalizer {
    case sequence([Normalizer])
    case replace(TextPattern, Units)
    case composition
    case lowercase
    case strip(left: Bool, right: Bool)

    /// Reads the "normalizer" of a tokenizer.json.
    ///
    /// - Parameters:
    ///   - description: the value; null stands for no clean-up.
    ///   - source: the file, for the error.
    /// - Throws: `RNNToolkitError` when this client does not know the normalizer.
    init(_ description: JSONValue?, source: String) throws {
        guard let description = description, !description.isNull else {
            self = .sequence([])
            return
        }
        let name = description["type"]?.string ?? "?"
        switch name {
        case "Sequence":
            let steps = description["normalizers"]?.array ?? []
            self = .sequence(try steps.map { try Normalizer($0, source: source) })
        case "Replace":
            guard let content = description["content"]?.string else {
                throw RNNToolkitError.unknownPart("normalizer", name, of: source)
            }
            let pattern = try TextPattern(description["pattern"], source: source)
            self = .replace(pattern, content.units)
        case "NFC":
            self = .composition
        case "Lowercase":
            self = .lowercase
        case "Strip":
            self = .strip(
                left: description["strip_left"]?.boolean ?? true,
                right: description["strip_right"]?.boolean ?? true
            )
        default:
            throw RNNToolkitError.unknownPart("normalizer", name, of: source)
        }
    }

    /// The clean text.
    func normalize(_ units: Units) -> Units {
        switch self {
        case .sequence(let steps):
            return steps.reduce(units) { text, step in step.normalize(text) }
        case .replace(let pattern, let content):
            return pattern.replacing(in: units, with: content)
        case .composition:
            return composed(units)
        case .lowercase:
            return lowercased(units)
        case .strip(let left, let right):
            return stripped(units, left: left, right: right)
        }
    }
}

extension RNNToolkitError {
    /// A part of a tokenizer.json that this client cannot carry out.
    static func unknownPart(_ part: String, _ name: String, of source: String) -> RNNToolkitError {
        .bundle(
            "\(source) has the \(part) \(name), which this client does not know.",
            "Use a newer version of the client, or the one made for this bundle."
        )
    }
}

/// Lower-cases character by character, whatever stands beside it and whatever the locale.
private func lowercased(_ units: Units) -> Units {
    var result: Units = []
    result.reserveCapacity(units.count)
    for scalar in String(units: units).unicodeScalars {
        if scalar.isASCII {
            let value = UInt16(scalar.value)
            result.append((0x41...0x5A).contains(value) ? value + 0x20 : value)
        } else {
            result.append(contentsOf: scalar.properties.lowercaseMapping.utf16)
        }
    }
    return result
}

private func stripped(_ units: Units, left: Bool, right: Bool) -> Units {
    var start = 0
    var end = units.count
    while left, start < end, isWhiteSpace(units[start]) {
        start += 1
    }
    while right, end > start, isWhiteSpace(units[end - 1]) {
        end -= 1
    }
    return Array(units[start..<end])
}
