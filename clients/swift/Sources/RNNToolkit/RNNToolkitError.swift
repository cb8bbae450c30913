import Foundation

/// What went wrong, in one sentence, and what to do about it.
public struct RNNToolkitError: Error, Equatable {
    /// Whose fault it is.
    public enum Kind: Equatable, Sendable {
        /// A bundle that is missing, damaged, too new or of another task.
        case bundle
        /// An option or an argument that cannot be used.
        case option
    }

    public let kind: Kind
    /// What was expected and what was found.
    public let message: String
    /// What to do; empty when the message says it all.
    public let remedy: String

    static func bundle(_ message: String, _ remedy: String) -> RNNToolkitError {
        RNNToolkitError(kind: .bundle, message: message, remedy: remedy)
    }

    static func option(_ message: String, _ remedy: String = "") -> RNNToolkitError {
        RNNToolkitError(kind: .option, message: message, remedy: remedy)
    }
}

extension RNNToolkitError: LocalizedError, CustomStringConvertible {
    public var description: String {
        remedy.isEmpty ? message : "\(message) \(remedy)"
    }

    public var errorDescription: String? { description }
}
