#if os(macOS) || os(Linux)
    import Foundation
    import XCTest

    @testable import RNNToolkit

    /// Golden rows and beam searches with the networks of the bundles.
    final class RuntimeTests: XCTestCase {
        private func open(_ vectors: Vectors, _ name: String) throws -> RNNBundle {
            let environment = ProcessInfo.processInfo.environment
            guard let python = environment["RNN_TOOLKIT_PYTHON"] else {
                if environment["CI"] != nil {
                    throw RNNToolkitError.option("RNN_TOOLKIT_PYTHON must name a Python in CI.")
                }
                throw XCTSkip("RNN_TOOLKIT_PYTHON names no Python that has onnxruntime.")
            }
            return try RNNBundle(directory: vectors.bundle(name)) { reader, manifest in
                try ServedRuntime(python: python, directory: reader.directory, manifest: manifest)
            }
        }

        func testGoldenProbabilities() throws {
            let vectors = try Vectors()
            for name in try vectors.bundles(of: .sentiment) {
                let classifier = try open(vectors, name).classifier()
                let rows = try vectors.golden(name)
                let found = try classifier.predict(try rows.map { try $0.text("text") })
                for (prediction, row) in zip(found, rows) {
                    let expected = try row.get("probabilities").numbers()
                    XCTAssertEqual(prediction.probabilities.count, expected.count)
                    for (one, wanted) in zip(prediction.probabilities, expected) {
                        XCTAssertEqual(one.probability, wanted, accuracy: 1e-5, name)
                    }
                    XCTAssertEqual(prediction.label, classifier.labels[placeOfLargest(expected)])
                }
            }
        }

        func testGoldenTexts() throws {
            let vectors = try Vectors()
            var drawn = 0
            for name in try vectors.bundles(of: .generation) {
                let generator = try open(vectors, name).generator()
                for row in try vectors.golden(name) {
                    for kind in ["greedy", "sampled"] {
                        guard let expected = row[kind], !expected.isNull else { continue }
                        var options = GenerationOptions()
                        options.length = try expected.whole("length")
                        options.temperature = try XCTUnwrap(expected["temperature"]?.number)
                        options.topK = try expected.whole("top_k")
                        options.seed = UInt64(try expected.whole("seed"))
                        let found = try generator.generate(try row.text("text"), options: options)
                        XCTAssertEqual(found.ids, try expected.get("ids").ids(), "\(name) \(kind)")
                        assertSame(found.text, try expected.text("text"), "\(name) \(kind)")
                        drawn += kind == "sampled" ? 1 : 0
                    }
                }
            }
            XCTAssertGreaterThan(drawn, 0)
        }

        func testGoldenTranslations() throws {
            let vectors = try Vectors()
            for name in try vectors.bundles(of: .translation) {
                let translator = try open(vectors, name).translator()
                for row in try vectors.golden(name) {
                    let text = try row.text("text")
                    let greedy = try row.get("greedy").ids()
                    var options = TranslationOptions()
                    options.beam = 1
                    let source = translator.tokenizers.encodeSource(text)
                    guard !source.ids.isEmpty else {
                        XCTAssertEqual(try translator.translate(text, options: options).text, "")
                        continue
                    }
                    options.maximumLength = max(1, greedy.count)
                    let search = try translator.search(for: options)
                    let found = try search.translate(source.ids)[0]
                    let beginning = Array(found.ids.prefix(greedy.count))
                    XCTAssertEqual(beginning, greedy, "\(name): \(text)")
                }
            }
        }

        func testBeamSearches() throws {
            let vectors = try Vectors()
            let names = try vectors.json("beam.json").members ?? []
            XCTAssertFalse(names.isEmpty)
            for member in names {
                let bundle = try open(vectors, member.name)
                for item in member.value.array ?? [] {
                    let found: [Answer]
                    if bundle.task == .generation {
                        found = try written(bundle.generator(), item)
                    } else {
                        found = try translated(bundle.translator(), item)
                    }
                    let expected = try item.list("answers")
                    let place = "\(member.name): \(item["options"] ?? .null)"
                    XCTAssertEqual(found.count, expected.count, place)
                    for (answer, wanted) in zip(found, expected) {
                        assertSame(answer.text, try wanted.text("text"), place)
                        if let ids = answer.ids {
                            XCTAssertEqual(ids, try wanted.get("ids").ids(), place)
                        }
                        XCTAssertEqual(answer.ended.rawValue, try wanted.text("ended"), place)
                        let score = try XCTUnwrap(wanted["score"]?.number)
                        XCTAssertEqual(answer.score, score, accuracy: 1e-4, place)
                    }
                }
            }
        }

        private struct Answer {
            let text: String
            let ids: [Int]?
            let score: Double
            let ended: Ended
        }

        private func written(_ generator: TextGenerator, _ item: JSONValue) throws -> [Answer] {
            let given = try samplingOptions(try item.get("options"))
            var options = GenerationOptions()
            options.length = given.length
            options.minLength = given.minLength
            options.repetitionPenalty = given.repetitionPenalty
            options.noRepeatNgram = given.noRepeatNgram
            options.beam = given.beam
            options.nBest = given.nBest
            options.lengthPenalty = given.lengthPenalty
            return try generator.candidates(try item.text("text"), options: options).map {
                Answer(text: $0.text, ids: $0.ids, score: $0.score, ended: $0.ended)
            }
        }

        private func translated(_ translator: Translator, _ item: JSONValue) throws -> [Answer] {
            var options = TranslationOptions()
            for member in try item.get("options").members ?? [] {
                let value = member.value
                switch member.name {
                case "beam": options.beam = value.integer
                case "n_best": options.nBest = try XCTUnwrap(value.integer)
                case "length_penalty": options.lengthPenalty = value.number
                case "coverage_penalty": options.coveragePenalty = value.number
                case "no_repeat_ngram": options.noRepeatNgram = try XCTUnwrap(value.integer)
                case "min_length": options.minLength = try XCTUnwrap(value.integer)
                default: throw MissingPart(name: member.name)
                }
            }
            let found = try translator.translate(try item.text("text"), options: options)
            return found.candidates.map {
                Answer(text: $0.text, ids: nil, score: $0.score, ended: $0.ended)
            }
        }
    }
#endif
