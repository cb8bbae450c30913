import Foundation
import XCTest

@testable import RNNToolkit

/// Streams, stop strings and cancelling, with a bundle's own tokenizer and a made-up network.
final class WritingTests: XCTestCase {
    /// How often a network was called, by any thread.
    private final class Calls: @unchecked Sendable {
        private let lock = NSLock()
        private var number = 0

        func add() {
            lock.lock()
            number += 1
            lock.unlock()
        }

        var count: Int {
            lock.lock()
            defer { lock.unlock() }
            return number
        }
    }

    /// Logits that depend on the last id alone.
    private func generator(_ name: String, calls: Calls = Calls()) throws -> TextGenerator {
        try RNNBundle(directory: try Vectors().bundle(name)) { _, manifest in
            ClosureRuntime { _, inputs in
                calls.add()
                guard case .generation(let content) = manifest.content,
                    let ids = inputs["ids"], case .int32(let numbers) = ids.values
                else { throw MissingPart(name: "ids") }
                let width = ids.shape.count == 2 ? ids.shape[1] : 1
                let last = (0..<ids.shape[0]).map { Int(numbers[($0 + 1) * width - 1]) }
                let size = content.vocabularySize
                let logits = last.flatMap { id in
                    (0..<size).map { Float((id * 31 + $0 * 17) % 23) / 4 }
                }
                var found = [
                    "logits": ModelTensor(shape: [last.count, size], values: .float32(logits))
                ]
                for state in content.states {
                    found["\(state)_out"] = ModelTensor(
                        shape: [last.count, 1], values: .float32(last.map { _ in 0 }))
                }
                return found
            }
        }.generator()
    }

    func testPiecesAreTheText() throws {
        for name in ["generation-subword", "generation-whitespace", "generation-char"] {
            let generator = try self.generator(name)
            for seed in UInt64(0)..<20 {
                var options = GenerationOptions()
                options.seed = seed
                options.length = 60
                options.stop = ["e", "\u{e0}b", "the "]
                var pieces: [String] = []
                let found = try generator.generate("The sea", options: options) { piece in
                    pieces.append(piece)
                    return true
                }
                assertSame(pieces.joined(), found.text, name)
                for stop in options.stop {
                    XCTAssertNil(firstPlace(of: stop.units, in: found.text.units), name)
                }
                XCTAssertEqual(try generator.generate("The sea", options: options), found)
            }
        }
    }

    func testStreamIsTheText() async throws {
        let generator = try self.generator("generation-subword")
        var options = GenerationOptions()
        options.seed = 3
        options.length = 40
        var text = ""
        for try await piece in generator.stream("The", options: options) {
            text += piece
        }
        assertSame(text, try generator.generate("The", options: options).text)
        options.length = 0
        do {
            for try await _ in generator.stream("The", options: options) {}
            XCTFail("a length of 0 is out of range")
        } catch let error as RNNToolkitError {
            XCTAssertTrue(error.message.contains("length"))
        }
    }

    func testLeavingAStreamStopsTheWork() async throws {
        let calls = Calls()
        let generator = try self.generator("generation-char", calls: calls)
        var options = GenerationOptions()
        options.seed = 3
        options.length = 1_000_000_000
        for try await piece in generator.stream("The", options: options) where !piece.isEmpty {
            break
        }
        var before = -1
        for _ in 0..<100 where calls.count != before {
            before = calls.count
            try await Task.sleep(nanoseconds: 50_000_000)
        }
        XCTAssertEqual(calls.count, before)
    }

    func testACallbackThatHasEnoughStopsTheWork() throws {
        let generator = try self.generator("generation-char")
        var options = GenerationOptions()
        options.length = 50
        var pieces: [String] = []
        let found = try generator.generate("The", options: options) { piece in
            pieces.append(piece)
            return pieces.count < 3
        }
        XCTAssertEqual(found.ended, .cancelled)
        XCTAssertEqual(pieces.count, 3)
        assertSame(pieces.joined(), found.text)
    }

    func testLogitsOfAnotherNumberAreRefused() throws {
        let bundle = try RNNBundle(directory: try Vectors().bundle("generation-char")) { _, _ in
            ClosureRuntime { _, _ in
                ["logits": ModelTensor(shape: [1, 2], values: .float32([0, 1]))]
            }
        }
        XCTAssertThrowsError(try bundle.generator().generate("The")) { error in
            XCTAssertTrue("\(error)".contains("logits with the shape [1, 2]"), "\(error)")
        }
    }

    func testSamplesOfASeedDiffer() throws {
        let generator = try self.generator("generation-word")
        var options = GenerationOptions()
        options.seed = 3
        options.length = 20
        let first = try generator.generate("The", options: options)
        options.sample = 1
        XCTAssertNotEqual(first.ids, try generator.generate("The", options: options).ids)
    }

    func testConditionsTakeTheirPlaceInTheContext() throws {
        let generator = try self.generator("generation-word")
        XCTAssertEqual(generator.conditions, ["happy", "sad"])
        let plain = try generator.context("", condition: nil)
        let ids = ["happy", "sad"].map { try? generator.context("", condition: $0) }
        XCTAssertEqual(ids[0], plain)
        XCTAssertEqual(ids[1]?.map { $0 - 1 }.last, plain.last)
        XCTAssertThrowsError(try generator.context("", condition: "poem"))
        let other = try self.generator("generation-char")
        XCTAssertThrowsError(try other.context("", condition: "happy"))
    }
}
