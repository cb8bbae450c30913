import Foundation

/// What a model remembers, by name; the first axis of every tensor is the batch.
typealias States = [String: ModelTensor]

/// The one thing that decoding knows of a language model: a function that takes one step.
protocol StepModel {
    /// Reads a prompt from zero states.
    ///
    /// - Parameter ids: at least one.
    /// - Returns: The logits of the id that follows, and the states of one row.
    func prefill(_ ids: [Int]) throws -> (logits: [Float], states: States)

    /// Reads one more id per row.
    ///
    /// - Parameters:
    ///   - ids: one per row.
    ///   - states: what `prefill` or `step` gave, or rows of it in any order.
    /// - Returns: Logits [rows][vocabulary] of the id that follows, and new states.
    func step(_ ids: [Int], _ states: States) throws -> (logits: [[Float]], states: States)
}

/// The signatures `prefill` and `step` of a bundle.
struct BundleSteps: StepModel {
    let runtime: CheckedRuntime
    /// State inputs of `step`; its outputs, and those of `prefill`, have `_out` appended.
    let states: [String]
    let vocabularySize: Int

    func prefill(_ ids: [Int]) throws -> (logits: [Float], states: States) {
        let length = ModelTensor(ids: [ids.count])
        let outputs = try runtime.run(
            "prefill", ["ids": ModelTensor(paddedRows: [ids]), "length": length])
        let logits = try outputs.rows("logits", count: 1, width: vocabularySize)
        return (logits[0], try outputs.states(states))
    }

    func step(_ ids: [Int], _ given: States) throws -> (logits: [[Float]], states: States) {
        var inputs = given
        inputs["ids"] = ModelTensor(ids: ids)
        let outputs = try runtime.run("step", inputs)
        let logits = try outputs.rows("logits", count: ids.count, width: vocabularySize)
        return (logits, try outputs.states(states))
    }
}

/// The one thing that translating knows of a model: it reads a source, then writes id by id.
protocol EncoderDecoder {
    /// Reads a source text.
    ///
    /// - Parameter ids: at least one.
    func encode(_ ids: [Int]) throws -> DecoderMemory

    /// Reads one more target id per row; the begin id comes first.
    ///
    /// - Parameters:
    ///   - ids: one per row.
    ///   - memory: what `encode` or `step` gave, or rows of it in any order.
    func step(_ ids: [Int], _ memory: DecoderMemory) throws -> DecoderAnswer
}

/// What a decoder needs at every step.
struct DecoderMemory {
    /// What the encoder made of the source, equal in every row.
    let source: States
    /// What changes with every step.
    let states: States

    /// The memory of chosen rows, in that order.
    ///
    /// - Parameters:
    ///   - rows: the rows.
    ///   - before: how many rows there are now.
    func taking(rows: [Int], of before: Int) -> DecoderMemory {
        DecoderMemory(
            source: rows.count == before ? source : source.mapValues { $0.taking(rows: rows) },
            states: states.mapValues { $0.taking(rows: rows) }
        )
    }
}

/// What a decoder answers to one step.
struct DecoderAnswer {
    /// [rows][vocabulary], unnormalised.
    let logits: [[Float]]
    /// [rows][source ids], how much of each source id was read.
    let attention: [[Float]]
    let memory: DecoderMemory
}

/// The signatures `encode` and `decode_step` of a bundle.
struct BundleEncoderDecoder: EncoderDecoder {
    let runtime: CheckedRuntime
    let passedOn: [String]
    let states: [String]
    let vocabularySize: Int

    func encode(_ ids: [Int]) throws -> DecoderMemory {
        let source = ModelTensor(paddedRows: [ids])
        let length = ModelTensor(ids: [ids.count])
        let outputs = try runtime.run("encode", ["ids": source, "length": length])
        var passed: States = [:]
        for name in passedOn {
            switch name {
            case "length": passed[name] = length
            case "source_ids": passed[name] = source
            default: passed[name] = try outputs.tensor(name)
            }
        }
        return DecoderMemory(source: passed, states: try outputs.states(states))
    }

    func step(_ ids: [Int], _ memory: DecoderMemory) throws -> DecoderAnswer {
        var inputs = memory.source
        for (name, state) in memory.states {
            inputs[name] = state
        }
        inputs["id"] = ModelTensor(ids: ids)
        let outputs = try runtime.run("decode_step", inputs)
        return DecoderAnswer(
            logits: try outputs.rows("logits", count: ids.count, width: vocabularySize),
            attention: try outputs.rows("attention", count: ids.count),
            memory: DecoderMemory(source: memory.source, states: try outputs.states(states))
        )
    }
}

extension CheckedRuntime.Outputs {
    /// States as the inputs of the next step.
    ///
    /// - Parameter names: of the inputs; the outputs have `_out` appended.
    /// - Throws: `RNNToolkitError` when the runtime did not give one.
    func states(_ names: [String]) throws -> States {
        var found: States = [:]
        for name in names {
            found[name] = try tensor("\(name)_out")
        }
        return found
    }
}
