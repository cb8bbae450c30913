// Runs .tflite bundles with LiteRT (TensorFlow Lite): add the pod TensorFlowLiteSwift, or a Swift
// package of it, and copy this file into the app. A bundle's file holds several signatures, so the
// release must have `Interpreter.signatureRunner(with:)`.

import Foundation
import TensorFlowLite

#if canImport(RNNToolkit)
    import RNNToolkit
#endif

/// The model.tflite of a bundle.
final class LiteRTModel: ModelRuntime {
    private let runners: [String: SignatureRunner]
    private let signatures: [String: Manifest.Signature]
    /// The shapes that the inputs have, by signature and name: resizing costs time.
    private var shapes: [String: [String: [Int]]] = [:]

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - reader: of the bundle's directory.
    ///   - manifest: of the bundle.
    ///   - threads: one is fastest for single texts.
    init(reader: DirectoryReader, manifest: Manifest, threads: Int = 1) throws {
        guard manifest.format == "tflite", manifest.modelFiles.count == 1 else {
            throw LiteRTModelError.otherFormat(manifest.format)
        }
        var options = Interpreter.Options()
        options.threadCount = threads
        let path = reader.url(of: manifest.modelFiles[0]).path
        let interpreter = try Interpreter(modelPath: path, options: options)
        var found: [String: SignatureRunner] = [:]
        for name in manifest.signatures.keys {
            found[name] = try interpreter.signatureRunner(with: name)
        }
        runners = found
        signatures = manifest.signatures
    }

    func run(signature: String, inputs: [String: ModelTensor]) throws -> [String: ModelTensor] {
        guard let runner = runners[signature], let names = signatures[signature]?.outputs else {
            throw LiteRTModelError.noSignature(signature)
        }
        for (name, tensor) in inputs where shapes[signature]?[name] != tensor.shape {
            try runner.resizeInput(named: name, toShape: .init(tensor.shape))
            shapes[signature, default: [:]][name] = tensor.shape
        }
        try runner.invoke(with: inputs.mapValues { $0.bytes })
        var outputs: [String: ModelTensor] = [:]
        for name in names {
            let output = try runner.output(named: name)
            let type: ModelTensor.ElementType
            switch output.dataType {
            case .float32: type = .float32
            case .int32: type = .int32
            default: throw LiteRTModelError.otherType(name)
            }
            outputs[name] = try ModelTensor(
                elementType: type, shape: output.shape.dimensions, bytes: output.data)
        }
        return outputs
    }
}

/// What is wrong with a bundle that LiteRT shall run.
enum LiteRTModelError: LocalizedError {
    case otherFormat(String)
    case noSignature(String)
    case otherType(String)

    var errorDescription: String? {
        switch self {
        case .otherFormat(let format):
            return "This bundle is of the format \(format); export the model with --format tflite."
        case .noSignature(let name):
            return "The bundle has no signature \(name); export the model again."
        case .otherType(let name):
            return "The tensor \(name) holds neither float32 nor int32; export the model again."
        }
    }
}
