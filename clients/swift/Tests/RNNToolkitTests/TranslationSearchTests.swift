import Foundation
import XCTest

@testable import RNNToolkit

/// A search for translations with a made-up model; the expected numbers are Python's.
final class TranslationSearchTests: XCTestCase {
    /// A model that is not sure of its end before the fifth id, and reads the first source id.
    private struct Model: EncoderDecoder {
        static let early = [0.0001, 0.0001, 0.0001, 0.3, 0.6, 0.1]
        static let late = [0.0001, 0.0001, 0.0001, 0.99, 0.006, 0.004]

        func encode(_ ids: [Int]) throws -> DecoderMemory {
            DecoderMemory(
                source: ["length": ModelTensor(ids: [ids.count])],
                states: ["position": ModelTensor(ids: [0])])
        }

        func step(_ ids: [Int], _ memory: DecoderMemory) throws -> DecoderAnswer {
            guard case .int32(let positions)? = memory.states["position"]?.values,
                case .int32(let lengths)? = memory.source["length"]?.values,
                positions.count == ids.count, lengths.count == ids.count
            else { throw MissingPart(name: "a row for each id") }
            let rows = positions.map { $0 < 4 ? Model.early : Model.late }
            let attention = lengths.map { length in (0..<length).map { $0 == 0 ? Float(0.5) : 0 } }
            let after = positions.map { Int($0) + 1 }
            return DecoderAnswer(
                logits: rows.map { $0.map { Float(log($0)) } }, attention: attention,
                memory: DecoderMemory(
                    source: memory.source, states: ["position": ModelTensor(ids: after)]))
        }
    }

    private func translate(
        beam: Int, coverage: Double = 0, minLength: Int = 0, noRepeatNgram: Int = 0
    ) throws -> [TargetSequence] {
        let options = SearchOptions(
            beam: beam, nBest: beam, lengthPenalty: 1, coveragePenalty: coverage, lengthRatio: 2,
            extraLength: 10, maximumLength: 400, minLength: minLength,
            noRepeatNgram: noRepeatNgram)
        return try TranslationSearch(
            model: Model(), options: options, beginId: 2, endId: 3, never: [0, 1]
        ).translate([7, 8, 9])
    }

    private func assertFound(
        _ found: [TargetSequence], _ ids: [[Int]], _ scores: [Double], line: UInt = #line
    ) {
        XCTAssertEqual(found.map(\.ids), ids, line: line)
        for (answer, score) in zip(found, scores) {
            XCTAssertEqual(answer.score, score, accuracy: 1e-5, line: line)
        }
        XCTAssertTrue(found.allSatisfy { $0.ended == .endMark }, line: line)
    }

    func testGreedy() throws {
        let found = try translate(beam: 1)
        assertFound(found, [[4, 4, 4, 4]], [-1.2329114])
        XCTAssertEqual(found[0].logProbability, -2.0548524, accuracy: 1e-5)
    }

    func testEndsThatAreNotAheadDoNotStopTheSearch() throws {
        assertFound(try translate(beam: 2), [[], [4, 4, 4, 4]], [-1.2042727, -1.2329114])
    }

    func testCoveragePenaltyRanksTheAnswers() throws {
        assertFound(
            try translate(beam: 2, coverage: 0.3), [[4, 4, 4, 4], []], [-13.6668709, -13.8461764])
    }

    func testOfEqualAnswersTheOneFoundFirstIsAhead() throws {
        assertFound(
            try translate(beam: 3, minLength: 2, noRepeatNgram: 1), [[4, 5], [5, 4]],
            [-3.0137125, -3.0137125])
    }

    func testBoundIsRoundedUpButNotByRounding() {
        func bound(_ ratio: Double, _ extra: Int, _ most: Int, _ tokens: Int) -> Int {
            SearchOptions(
                beam: 1, nBest: 1, lengthPenalty: 1, coveragePenalty: 0, lengthRatio: ratio,
                extraLength: extra, maximumLength: most, minLength: 0, noRepeatNgram: 0
            ).bound(sourceTokens: tokens)
        }
        XCTAssertEqual(bound(1.1, 0, 400, 10), 11)
        XCTAssertEqual(bound(1.5, 3, 400, 3), 8)
        XCTAssertEqual(bound(3, 20, 40, 10), 40)
        XCTAssertEqual(bound(0.01, 0, 400, 1), 1)
        XCTAssertEqual(bound(3, 20, Int.max, 10), 50)
    }
}
