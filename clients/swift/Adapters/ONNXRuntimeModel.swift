// Runs .onnx bundles with ONNX Runtime: add the pod onnxruntime-objc, or Microsoft's Swift package
// onnxruntime-swift-package-manager, and copy this file into the app.

import Foundation

#if canImport(OnnxRuntimeBindings)
    import OnnxRuntimeBindings
#else
    import onnxruntime_objc
#endif
#if canImport(RNNToolkit)
    import RNNToolkit
#endif

/// The .onnx files of a bundle.
final class ONNXRuntimeModel: ModelRuntime {
    // Sessions need it as long as they live.
    private let environment: ORTEnv
    private let sessions: [String: ORTSession]
    private let signatures: [String: Manifest.Signature]

    /// Opens the files.
    ///
    /// - Parameters:
    ///   - reader: of the bundle's directory.
    ///   - manifest: of the bundle.
    ///   - threads: one is fastest for single texts.
    init(reader: DirectoryReader, manifest: Manifest, threads: Int32 = 1) throws {
        guard manifest.format == "onnx" else {
            throw ONNXRuntimeModelError.otherFormat(manifest.format)
        }
        environment = try ORTEnv(loggingLevel: ORTLoggingLevel.warning)
        let options = try ORTSessionOptions()
        try options.setIntraOpNumThreads(threads)
        var found: [String: ORTSession] = [:]
        for file in manifest.modelFiles {
            found[file] = try ORTSession(
                env: environment, modelPath: reader.url(of: file).path, sessionOptions: options)
        }
        sessions = found
        signatures = manifest.signatures
    }

    func run(signature: String, inputs: [String: ModelTensor]) throws -> [String: ModelTensor] {
        guard let called = signatures[signature], let session = sessions[called.file] else {
            throw ONNXRuntimeModelError.noSignature(signature)
        }
        let given = try inputs.mapValues { tensor in
            try ORTValue(
                tensorData: NSMutableData(data: tensor.bytes),
                elementType: tensor.elementType == .float32
                    ? ORTTensorElementDataType.float : ORTTensorElementDataType.int32,
                shape: tensor.shape.map { NSNumber(value: $0) })
        }
        let answer = try session.run(
            withInputs: given, outputNames: Set(called.outputs), runOptions: nil)
        var outputs: [String: ModelTensor] = [:]
        for (name, value) in answer {
            // The bytes belong to the value, which must outlive the copy.
            outputs[name] = try withExtendedLifetime(value) { try tensor(name, value) }
        }
        return outputs
    }

    private func tensor(_ name: String, _ value: ORTValue) throws -> ModelTensor {
        let info = try value.tensorTypeAndShapeInfo()
        let type: ModelTensor.ElementType
        switch info.elementType {
        case .float: type = .float32
        case .int32: type = .int32
        default: throw ONNXRuntimeModelError.otherType(name)
        }
        return try ModelTensor(
            elementType: type, shape: info.shape.map { $0.intValue },
            bytes: try value.tensorData() as Data)
    }
}

/// What is wrong with a bundle that ONNX Runtime shall run.
enum ONNXRuntimeModelError: LocalizedError {
    case otherFormat(String)
    case noSignature(String)
    case otherType(String)

    var errorDescription: String? {
        switch self {
        case .otherFormat(let format):
            return "This bundle is of the format \(format); export the model with --format onnx."
        case .noSignature(let name):
            return "The bundle has no signature \(name); export the model again."
        case .otherType(let name):
            return "The tensor \(name) holds neither float32 nor int32; export the model again."
        }
    }
}
