import Foundation

/// A value of a JSON text.
///
/// Foundation's reader puts an object into a dictionary of strings, where two tokens of a
/// vocabulary that are canonically equivalent collide. Here the members of an object keep their
/// order and their code points. Half of a surrogate pair in an escape becomes U+FFFD, as in the
/// toolkit.
indirect enum JSONValue: Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A name and its value.
    struct Member: Equatable {
        let name: String
        let value: JSONValue
    }

    /// Reads a JSON text.
    ///
    /// - Parameters:
    ///   - data: the text in UTF-8.
    ///   - source: the file it comes from, for the error.
    /// - Throws: `RNNToolkitError` when it is no JSON.
    static func parse(_ data: Data, source: String) throws -> JSONValue {
        var parser = JSONParser(bytes: [UInt8](data), source: source)
        return try parser.document()
    }

    /// The value of a member; nil where there is none or where this is no object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.isSame(as: name) }?.value
    }

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    var boolean: Bool? {
        if case .boolean(let value) = self { return value }
        return nil
    }

    var integer: Int? {
        if case .integer(let value) = self { return value }
        return nil
    }

    var number: Double? {
        switch self {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: return nil
        }
    }

    var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    var array: [JSONValue]? {
        if case .array(let values) = self { return values }
        return nil
    }

    var members: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }
}
