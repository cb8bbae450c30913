import Foundation
import XCTest

@testable import RNNToolkit

/// Token ids of golden texts and of random strings, and texts of random ids.
final class TokenizerVectorTests: XCTestCase {
    func testGoldenClassifierIds() throws {
        let vectors = try Vectors()
        for name in try vectors.bundles(of: .sentiment) {
            let tokenizer = try unrunBundle(vectors.bundle(name)).classifier().tokenizer
            for row in try vectors.golden(name) {
                let text = try row.text("text")
                XCTAssertEqual(
                    tokenizer.encode(text), try row.get("ids").ids(), "\(name): \(text)")
            }
        }
    }

    func testGoldenGenerationIdsAndContexts() throws {
        let vectors = try Vectors()
        for name in try vectors.bundles(of: .generation) {
            let generator = try unrunBundle(vectors.bundle(name)).generator()
            for row in try vectors.golden(name) {
                let text = try row.text("text")
                XCTAssertEqual(
                    generator.tokenizer.encode(text), try row.get("ids").ids(), "\(name): \(text)")
                XCTAssertEqual(
                    try generator.context(text, condition: nil), try row.get("context").ids(),
                    "\(name): \(text)")
            }
        }
    }

    func testGoldenTranslationIdsAndTexts() throws {
        let vectors = try Vectors()
        for name in try vectors.bundles(of: .translation) {
            let tokenizers = try unrunBundle(vectors.bundle(name)).translator().tokenizers
            for row in try vectors.golden(name) {
                let text = try row.text("text")
                XCTAssertEqual(
                    tokenizers.encodeSource(text).ids, try row.get("ids").ids(), "\(name): \(text)")
                if let expected = row["text_of_greedy"]?.string {
                    assertSame(tokenizers.decodeTarget(try row.get("greedy").ids()), expected, name)
                }
            }
        }
    }

    func testIdsOfRandomStrings() throws {
        let vectors = try Vectors()
        let strings = try vectors.strings()
        for name in try FileManager.default.contentsOfDirectory(
            atPath: vectors.folder.appendingPathComponent("fuzz").path
        ).sorted() where !name.hasSuffix(".json") {
            let encode = try encoder(vectors, name)
            let expected = Rows(try vectors.data("fuzz/\(name)/ids.bin"))
            XCTAssertEqual(expected.rows.count, strings.count, name)
            var wrong: [String] = []
            for (text, ids) in zip(strings, expected.rows) where encode(text) != ids {
                let points = text.unicodeScalars.map { String($0.value, radix: 16) }
                wrong.append(points.joined(separator: " "))
            }
            XCTAssertEqual(wrong.count, 0, "\(name): \(wrong.prefix(5))")
        }
    }

    func testTextsOfRandomIds() throws {
        let vectors = try Vectors()
        for name in try vectors.bundles(of: .generation) {
            let tokenizer = try generationTokenizer(vectors, name)
            let cases = try vectors.json("fuzz/\(name)/decode.json").array ?? []
            XCTAssertFalse(cases.isEmpty)
            for item in cases {
                let ids = try item.get("ids").ids()
                assertSame(tokenizer.decode(ids), try item.text("text"), "\(name): \(ids)")
            }
        }
    }

    private func encoder(_ vectors: Vectors, _ name: String) throws -> (String) -> [Int] {
        let spec = try vectors.json("fuzz/\(name)/spec.json")
        guard try spec.text("reader") == "classifier" else {
            let tokenizer = try generationTokenizer(vectors, name)
            return { tokenizer.encode($0) }
        }
        let tokenizer = try Tokenizer(
            data: try vectors.data("fuzz/\(name)/tokenizer.json"),
            maximumLength: try spec.whole("maximum_length"),
            headLength: try spec.whole("head_length"))
        return { tokenizer.encode($0) }
    }

    private func generationTokenizer(
        _ vectors: Vectors, _ name: String
    ) throws -> GenerationTokenizer {
        let spec = try vectors.json("fuzz/\(name)/spec.json")
        let data = try vectors.data("fuzz/\(name)/tokenizer.json")
        let whole = try GenerationTokenizer(data: data, kind: .word)
        let labels = try spec.list("conditions").count
        let kind = try XCTUnwrap(GenerationTokenizer.Kind(rawValue: try spec.text("kind")))
        // The labels of a condition have the last ids.
        let size = whole.vocabularySize
        return try GenerationTokenizer(
            data: data, kind: kind, conditionIds: Array((size - labels)..<size))
    }
}

/// Rows of ids, each after its number of ids, as 32-bit numbers, the lowest byte first.
private struct Rows {
    let rows: [[Int]]

    init(_ data: Data) {
        let bytes = [UInt8](data)
        func number(_ place: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[4 * place + $1]) << (8 * $1) }
        }
        var found: [[Int]] = []
        var place = 0
        while 4 * place < bytes.count {
            let count = number(place)
            found.append((0..<count).map { number(place + 1 + $0) })
            place += 1 + count
        }
        rows = found
    }
}
