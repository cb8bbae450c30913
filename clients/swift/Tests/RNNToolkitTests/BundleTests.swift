import Foundation
import XCTest

@testable import RNNToolkit

/// Bundles that cannot be used say so in one sentence.
final class BundleTests: XCTestCase {
    /// A bundle in memory.
    private struct MemoryReader: BundleReader {
        var files: [String: Data]

        func contains(_ name: String) -> Bool { files[name] != nil }

        func data(named name: String) throws -> Data {
            guard let data = files[name] else { throw MissingPart(name: name) }
            return data
        }
    }

    private let tokenizer = """
        {"pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed",
         "invert": false},
         "model": {"type": "WordLevel", "unk_token": "?",
         "vocab": {"-": 0, "?": 1, "good": 2, "bad": 3}}}
        """

    private func manifest(
        version: Int = 2, task: String = "sentiment", labels: String = #"["no", "yes"]"#
    ) -> String {
        """
        {"format_version": \(version), "toolkit_version": "0.1.0", "task": "\(task)",
         "format": "onnx", "labels": \(labels),
         "tokenizer": {"file": "tokenizer.json", "unknown_id": 1, "maximum_length": 4,
          "head_length": 2},
         "signatures": {"predict": {"file": "model.onnx", "inputs": [{"name": "ids"}],
          "outputs": [{"name": "probabilities"}]}}}
        """
    }

    private func open(_ manifest: String, without missing: String? = nil) throws -> RNNBundle {
        var files = [
            "manifest.json": Data(manifest.utf8), "tokenizer.json": Data(tokenizer.utf8),
            "model.onnx": Data(),
        ]
        if let missing = missing {
            files[missing] = nil
        }
        return try RNNBundle(reader: MemoryReader(files: files)) { _ in
            ClosureRuntime { _, inputs in
                guard let ids = inputs["ids"] else { throw MissingPart(name: "ids") }
                // The share of the id 2 in every row.
                guard case .int32(let numbers) = ids.values else { throw MissingPart(name: "ids") }
                let width = ids.shape[1]
                let shares = (0..<ids.shape[0]).map { row -> Float in
                    let own = numbers[(row * width)..<((row + 1) * width)]
                    return Float(own.filter { $0 == 2 }.count) / Float(own.filter { $0 > 0 }.count)
                }
                return [
                    "probabilities": ModelTensor(
                        shape: [ids.shape[0], 2], values: .float32(shares.flatMap { [1 - $0, $0] }))
                ]
            }
        }
    }

    private func assertRefused(
        _ expected: String, line: UInt = #line, _ work: () throws -> Any
    ) {
        XCTAssertThrowsError(try work(), line: line) { error in
            let message = "\(error)"
            XCTAssertTrue(message.contains(expected), message, line: line)
        }
    }

    func testClassifier() throws {
        let classifier = try open(manifest()).classifier()
        let found = try classifier.predict(["good good bad", "bad", ""])
        XCTAssertEqual(found.map(\.label), ["yes", "no", "no"])
        XCTAssertEqual(found[0].probability, 2 / 3, accuracy: 1e-6)
        XCTAssertEqual(found[0].probabilities.map(\.label), ["no", "yes"])
        XCTAssertEqual(classifier.tokenizer.encode("good bad good bad x bad"), [2, 3, 1, 3])
        XCTAssertEqual(classifier.tokenizer.encode(""), [1])
    }

    func testNewerVersionsAndUnknownTasksAreRefused() {
        assertRefused("format version 3") { try open(manifest(version: 3)) }
        assertRefused("format version 1") { try open(manifest(version: 1)) }
        assertRefused("task forecast") { try open(manifest(task: "forecast")) }
    }

    func testMissingFilesAreNamed() {
        assertRefused("model.onnx") { try open(manifest(), without: "model.onnx") }
        assertRefused("tokenizer.json") { try open(manifest(), without: "tokenizer.json") }
    }

    func testDamagedManifestNamesThePlace() {
        assertRefused("labels") { try open(manifest(labels: "3")) }
        assertRefused("is damaged") { try open("{") }
        assertRefused("format_version") { try open("{}") }
    }

    func testOtherTaskIsRefused() {
        assertRefused("classifier()") { try open(manifest()).generator() }
    }

    func testWrongNumberOfProbabilitiesIsRefused() {
        assertRefused("3 probabilities") {
            try open(manifest(labels: #"["a", "b", "c"]"#)).classifier().predict("good")
        }
    }

    func testTensorsKeepTheirBytes() throws {
        for tensor in [
            ModelTensor(shape: [2, 1], values: .float32([1.5, -2])),
            ModelTensor(shape: [3], values: .int32([1, -1, 70_000])),
        ] {
            let again = try ModelTensor(
                elementType: tensor.elementType, shape: tensor.shape, bytes: tensor.bytes)
            XCTAssertEqual(again, tensor)
        }
        XCTAssertThrowsError(
            try ModelTensor(elementType: .float32, shape: [2], bytes: Data(count: 7)))
    }

    func testOptionsOutOfRangeAreNamed() throws {
        let defaults = try GenerationDefaults(
            ManifestFields(
                value: try JSONValue.parse(
                    Data(
                        """
                        {"length": 5, "temperature": 0.5, "top_k": 0, "top_p": 1.0, "min_p": 0.0,
                         "typical": 1.0, "repetition_penalty": 1.0, "no_repeat_ngram": 0}
                        """.utf8), source: "a file"), path: ""))
        func refused(_ name: String, _ change: (inout GenerationOptions) -> Void) {
            var options = GenerationOptions()
            change(&options)
            assertRefused(name) { try options.resolved(defaults) }
        }
        refused("length") { $0.length = 0 }
        refused("minLength") { $0.minLength = 6 }
        refused("temperature") { $0.temperature = -1 }
        refused("topP") { $0.topP = 0 }
        refused("nBest") { $0.nBest = 2 }
        refused("lengthPenalty") { $0.lengthPenalty = 1 }
        refused("stop") { $0.stop = [""] }
        refused("topK") { options in
            options.beam = 2
            options.topK = 3
        }
        var search = GenerationOptions()
        search.beam = 2
        // A default for drawing gives way to a beam.
        XCTAssertEqual(try search.resolved(defaults).temperature, 1)
    }
}
