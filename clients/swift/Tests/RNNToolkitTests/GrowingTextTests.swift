import XCTest

@testable import RNNToolkit

/// Texts that grow piece by piece up to a stop string.
final class GrowingTextTests: XCTestCase {
    private let tokens: [Units] = ["a", "b", "##", "#\n", "end", "😀"].map(\.units)

    private func growing(_ stops: [String]) -> GrowingText {
        let tokens = self.tokens
        return GrowingText(
            decode: { ids in Units(ids.map { tokens[$0] }.joined()) }, stops: stops.map(\.units),
            context: [])
    }

    func testStopStringAcrossTokensIsHeldBackAndCutOff() {
        var text = growing(["###"])
        var news: [String] = []
        for id in [0, 2, 1, 2, 3] where !text.isStopped {
            text.add(id)
            news.append(text.news())
        }
        XCTAssertTrue(text.isStopped)
        XCTAssertEqual(news, ["a", "", "##b", "", ""])
        XCTAssertEqual(String(units: text.text), "a##b")
    }

    func testHeldBackTailIsGivenAtTheEnd() {
        var text = growing(["###"])
        text.add(0)
        text.add(2)
        XCTAssertEqual(text.news(), "a")
        text.finish()
        XCTAssertEqual(text.news(isLast: true), "##")
    }

    func testFirstOfSeveralStopStringsCounts() {
        var text = growing(["nd", "e", "d"])
        text.add(0)
        text.add(4)
        XCTAssertTrue(text.isStopped)
        XCTAssertEqual(String(units: text.text), "a")
    }

    func testHalfCharactersWait() {
        let bytes: [[UInt8]] = [[0xF0, 0x9F], [0x98, 0x80], [0x41], [0xE2]]
        var text = GrowingText(
            decode: { ids in String(decoding: ids.flatMap { bytes[$0] }, as: UTF8.self).units },
            stops: [], context: [])
        var news: [String] = []
        for id in 0..<4 {
            text.add(id)
            news.append(text.news())
        }
        text.finish()
        news.append(text.news(isLast: true))
        XCTAssertEqual(news, ["", "😀", "A", "", ""])
    }

    func testSpaceOfADecoderBelongsToThePiece() {
        let tokens = ["The", "sea", "."]
        var text = GrowingText(
            decode: { ids in ids.map { tokens[$0] }.joined(separator: " ").units }, stops: [],
            context: [0])
        text.add(1)
        text.add(2)
        XCTAssertEqual(String(units: text.text), " sea .")
    }
}
