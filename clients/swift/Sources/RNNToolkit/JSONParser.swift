import Foundation

/// Reads one JSON text from its first byte to its last.
struct JSONParser {
    private static let deepest = 200

    private let bytes: [UInt8]
    private let source: String
    private var place = 0

    /// - Parameters:
    ///   - bytes: the text in UTF-8.
    ///   - source: the file it comes from, for the error.
    init(bytes: [UInt8], source: String) {
        self.bytes = bytes
        self.source = source
    }

    /// The value that the whole text is.
    ///
    /// - Throws: `RNNToolkitError` when it is no JSON.
    mutating func document() throws -> JSONValue {
        let found = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw damaged() }
        return found
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < JSONParser.deepest else { throw damaged() }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        var members: [JSONValue.Member] = []
        place += 1
        if try closes(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else { throw damaged() }
            place += 1
            members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
        } while try goesOn(UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        var values: [JSONValue] = []
        place += 1
        if try closes(UInt8(ascii: "]")) { return .array(values) }
        repeat {
            values.append(try value(depth: depth + 1))
        } while try goesOn(UInt8(ascii: "]"))
        return .array(values)
    }

    /// Whether the next mark is the closing one, which is then read.
    private mutating func closes(_ mark: UInt8) throws -> Bool {
        skipSpace()
        guard try peek() == mark else { return false }
        place += 1
        return true
    }

    /// Reads a comma or the closing mark; whether it was the comma.
    private mutating func goesOn(_ closing: UInt8) throws -> Bool {
        if try closes(closing) { return false }
        guard try peek() == UInt8(ascii: ",") else { throw damaged() }
        place += 1
        return true
    }

    private mutating func string() throws -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw damaged() }
        place += 1
        var written: [UInt8] = []
        while true {
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "\""),
                bytes[place] != UInt8(ascii: "\\"), bytes[place] >= 0x20
            {
                place += 1
            }
            written.append(contentsOf: bytes[start..<place])
            switch try peek() {
            case UInt8(ascii: "\""):
                place += 1
                return String(decoding: written, as: UTF8.self)
            case UInt8(ascii: "\\"):
                place += 1
                written.append(contentsOf: Array(String(try escaped()).utf8))
            default:
                throw damaged()
            }
        }
    }

    private mutating func escaped() throws -> Unicode.Scalar {
        let mark = try peek()
        place += 1
        switch mark {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(mark)
        case UInt8(ascii: "u"): return try fourDigits()
        default: throw damaged()
        }
    }

    private mutating func fourDigits() throws -> Unicode.Scalar {
        let first = try codeUnit()
        if let whole = Unicode.Scalar(first) { return whole }
        let before = place
        if UTF16.isLeadSurrogate(first), place + 1 < bytes.count,
            bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
        {
            place += 2
            let second = try codeUnit()
            if UTF16.isTrailSurrogate(second) {
                return joined(first, second)
            }
            place = before
        }
        return "\u{FFFD}"
    }

    private func joined(_ first: UInt16, _ second: UInt16) -> Unicode.Scalar {
        let point = 0x10000 + ((UInt32(first) & 0x3FF) << 10) + (UInt32(second) & 0x3FF)
        return Unicode.Scalar(point) ?? "\u{FFFD}"
    }

    private mutating func codeUnit() throws -> UInt16 {
        guard place + 4 <= bytes.count,
            let digits = String(bytes: bytes[place..<(place + 4)], encoding: .utf8),
            digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let unit = UInt16(digits, radix: 16)
        else {
            throw damaged()
        }
        place += 4
        return unit
    }

    private mutating func number() throws -> JSONValue {
        let start = place
        while place < bytes.count, JSONParser.isPartOfNumber(bytes[place]) {
            place += 1
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if let whole = Int(text) { return .integer(whole) }
        guard let number = Double(text) else { throw damaged() }
        return .number(number)
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            return true
        default:
            return false
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws -> JSONValue {
        guard bytes[place...].starts(with: text.utf8) else { throw damaged() }
        place += text.utf8.count
        return value
    }

    private func peek() throws -> UInt8 {
        guard place < bytes.count else { throw damaged() }
        return bytes[place]
    }

    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private func damaged() -> RNNToolkitError {
        .bundle("\(source) is damaged: it is no JSON at byte \(place).", "Export the model again.")
    }
}
