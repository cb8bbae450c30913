import Foundation
import XCTest

@testable import RNNToolkit

/// The folder that `tests/clients/vectors.py` wrote, named by RNN_TOOLKIT_VECTORS.
struct Vectors {
    let folder: URL

    /// Finds the folder.
    ///
    /// - Throws: `XCTSkip` where the variable is not set; an error where it is not set in CI.
    init() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["RNN_TOOLKIT_VECTORS"] else {
            if environment["CI"] != nil {
                throw RNNToolkitError.option("RNN_TOOLKIT_VECTORS must name a folder in CI.")
            }
            throw XCTSkip("RNN_TOOLKIT_VECTORS names no folder with vectors.")
        }
        folder = URL(fileURLWithPath: path)
    }

    /// The content of a file.
    func data(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(name))
    }

    /// A JSON file.
    func json(_ name: String) throws -> JSONValue {
        try JSONValue.parse(try data(name), source: name)
    }

    /// The directory of a bundle.
    func bundle(_ name: String) -> URL {
        folder.appendingPathComponent("bundles").appendingPathComponent(name)
    }

    /// The names of all bundles of a task.
    func bundles(of task: Manifest.Task) throws -> [String] {
        try FileManager.default
            .contentsOfDirectory(atPath: folder.appendingPathComponent("bundles").path)
            .filter { $0.hasPrefix("\(task.rawValue)-") }
            .sorted()
    }

    /// The golden rows of a bundle.
    func golden(_ name: String) throws -> [JSONValue] {
        try data("bundles/\(name)/golden.jsonl").split(separator: 0x0A).map {
            try JSONValue.parse(Data($0), source: "golden.jsonl")
        }
    }

    /// The strings of the fuzz test.
    func strings() throws -> [String] {
        try json("fuzz/strings.json").texts()
    }
}

/// A part of a vector that is not there is a mistake of the test.
struct MissingPart: Error {
    let name: String
}

extension JSONValue {
    /// The value of a member that must be there.
    func get(_ name: String) throws -> JSONValue {
        guard let value = self[name] else { throw MissingPart(name: name) }
        return value
    }

    func text(_ name: String) throws -> String {
        guard let value = self[name]?.string else { throw MissingPart(name: name) }
        return value
    }

    func whole(_ name: String) throws -> Int {
        guard let value = self[name]?.integer else { throw MissingPart(name: name) }
        return value
    }

    func list(_ name: String) throws -> [JSONValue] {
        guard let value = self[name]?.array else { throw MissingPart(name: name) }
        return value
    }

    /// The whole numbers of a list.
    func ids() throws -> [Int] {
        guard let values = array else { throw MissingPart(name: "a list") }
        return values.compactMap(\.integer)
    }

    /// The numbers of a list.
    func numbers() throws -> [Double] {
        guard let values = array else { throw MissingPart(name: "a list") }
        return values.compactMap(\.number)
    }

    /// The texts of a list.
    func texts() throws -> [String] {
        guard let values = array else { throw MissingPart(name: "a list") }
        return values.compactMap(\.string)
    }
}

/// A runtime that a test writes in place.
final class ClosureRuntime: ModelRuntime {
    private let answer: (String, [String: ModelTensor]) throws -> [String: ModelTensor]

    init(_ answer: @escaping (String, [String: ModelTensor]) throws -> [String: ModelTensor]) {
        self.answer = answer
    }

    func run(signature: String, inputs: [String: ModelTensor]) throws -> [String: ModelTensor] {
        try answer(signature, inputs)
    }
}

/// A bundle whose model files are not run.
func unrunBundle(_ directory: URL) throws -> RNNBundle {
    try RNNBundle(directory: directory) { _, _ in
        ClosureRuntime { signature, _ in throw MissingPart(name: signature) }
    }
}

/// Compares code points, which `==` of texts does not.
func assertSame(
    _ found: String, _ expected: String, _ message: String = "", file: StaticString = #filePath,
    line: UInt = #line
) {
    XCTAssertEqual(Array(found.utf16), Array(expected.utf16), message, file: file, line: line)
}
