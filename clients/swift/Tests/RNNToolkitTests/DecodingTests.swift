import XCTest

@testable import RNNToolkit

/// Sampling and beam search over a model that is a table; see "about" in decoding.json.
final class DecodingTests: XCTestCase {
    func testCasesOfPython() throws {
        let vectors = try Vectors().json("decoding.json")
        let model = TableModel(
            first: try vectors.list("first").map { try $0.numbers().map { Float($0) } },
            second: try vectors.list("second").map { try $0.numbers().map { Float($0) } })
        let cases = try vectors.list("cases")
        XCTAssertFalse(cases.isEmpty)
        for item in cases {
            let options = try samplingOptions(try item.get("options"))
            let decode = options.beam > 1 ? searched : drawn
            let found = try decode(item, options, model)
            let expected = try item.list("answers")
            XCTAssertEqual(found.count, expected.count, "\(item)")
            for (answer, wanted) in zip(found, expected) {
                XCTAssertEqual(answer.ids, try wanted.get("ids").ids(), "\(options)")
                XCTAssertEqual(answer.ended.rawValue, try wanted.text("ended"), "\(options)")
                let logProbability = try XCTUnwrap(wanted["log_probability"]?.number)
                XCTAssertEqual(answer.logProbability, logProbability, accuracy: 1e-9)
                if let score = wanted["score"]?.number {
                    XCTAssertEqual(answer.score, score, accuracy: 1e-9, "\(options)")
                }
            }
        }
    }

    private func rules(_ item: JSONValue, _ options: SamplingOptions) throws -> Rules {
        Rules(
            never: try item.get("never").ids(), endId: item["end_id"]?.integer,
            minLength: options.minLength, prompt: try item.get("prompt").ids(),
            noRepeatNgram: options.noRepeatNgram, repetitionPenalty: options.repetitionPenalty)
    }

    private func drawn(
        _ item: JSONValue, _ options: SamplingOptions, _ model: TableModel
    ) throws -> [Hypothesis] {
        let seed = UInt64(try item.get("options").whole("seed"))
        return try (0..<(try item.list("answers").count)).map { number in
            let drawn = try sample(
                after: try item.get("prompt").ids(), model: model, rules: try rules(item, options),
                draw: Draw(options: options, seed: seed, sample: number), length: options.length,
                added: { _ in nil })
            return Hypothesis(
                ids: drawn.filter { $0.ended != .endMark }.map(\.id), score: 0,
                logProbability: drawn.reduce(0) { $0 + $1.logProbability },
                ended: try XCTUnwrap(drawn.last?.ended))
        }
    }

    private func searched(
        _ item: JSONValue, _ options: SamplingOptions, _ model: TableModel
    ) throws -> [Hypothesis] {
        try beamSearch(
            after: try item.get("prompt").ids(), model: model, rules: try rules(item, options),
            options: options, stopped: { _ in false })
    }
}

/// Sampling options by their names in Python.
func samplingOptions(_ given: JSONValue) throws -> SamplingOptions {
    var options = SamplingOptions()
    for member in given.members ?? [] {
        let value = member.value
        switch member.name {
        case "length": options.length = try XCTUnwrap(value.integer)
        case "min_length": options.minLength = try XCTUnwrap(value.integer)
        case "temperature": options.temperature = try XCTUnwrap(value.number)
        case "top_k": options.topK = try XCTUnwrap(value.integer)
        case "top_p": options.topP = try XCTUnwrap(value.number)
        case "min_p": options.minP = try XCTUnwrap(value.number)
        case "typical": options.typical = try XCTUnwrap(value.number)
        case "repetition_penalty": options.repetitionPenalty = try XCTUnwrap(value.number)
        case "no_repeat_ngram": options.noRepeatNgram = try XCTUnwrap(value.integer)
        case "beam": options.beam = try XCTUnwrap(value.integer)
        case "n_best": options.nBest = try XCTUnwrap(value.integer)
        case "length_penalty": options.lengthPenalty = try XCTUnwrap(value.number)
        case "seed": continue
        default: throw MissingPart(name: member.name)
        }
    }
    try options.check()
    return options
}

/// Logits are the row of the last id plus that of the id before it.
struct TableModel: StepModel {
    let first: [[Float]]
    let second: [[Float]]

    func prefill(_ ids: [Int]) throws -> (logits: [Float], states: States) {
        var before = 0
        for id in ids.dropLast() {
            before = id
        }
        let last = ids[ids.count - 1]
        return (logits(last, before), ["before": ModelTensor(ids: [last])])
    }

    func step(_ ids: [Int], _ states: States) throws -> (logits: [[Float]], states: States) {
        guard case .int32(let before)? = states["before"]?.values else {
            throw MissingPart(name: "before")
        }
        let rows = zip(ids, before).map { logits($0, Int($1)) }
        return (rows, ["before": ModelTensor(ids: ids)])
    }

    private func logits(_ id: Int, _ before: Int) -> [Float] {
        zip(first[id], second[before]).map { $0 + $1 }
    }
}
