#if os(macOS) || os(Linux)
    import Foundation

    @testable import RNNToolkit

    /// Runs ONNX files in a Python process (`onnx_server.py`), for the tests alone: no runtime has
    /// to be linked for them.
    final class ServedRuntime: ModelRuntime {
        private let signatures: [String: Manifest.Signature]
        private let process = Process()
        private let requests = Pipe()
        private let answers = Pipe()
        private var received = Data()

        /// - Parameters:
        ///   - python: a Python that has onnxruntime.
        ///   - directory: of the bundle.
        ///   - manifest: of the bundle.
        init(python: String, directory: URL, manifest: Manifest) throws {
            signatures = manifest.signatures
            let server = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("onnx_server.py")
            process.executableURL = URL(fileURLWithPath: python)
            process.arguments = [server.path, directory.path]
            process.standardInput = requests
            process.standardOutput = answers
            try process.run()
        }

        deinit {
            try? requests.fileHandleForWriting.close()
            process.waitUntilExit()
        }

        func run(signature: String, inputs: [String: ModelTensor]) throws -> [String: ModelTensor] {
            guard let file = signatures[signature]?.file else { throw MissingPart(name: signature) }
            let tensors = inputs.map { "\"\($0.key)\": \(ServedRuntime.json($0.value))" }
            let request =
                "{\"file\": \"\(file)\", \"inputs\": {\(tensors.joined(separator: ", "))}}\n"
            requests.fileHandleForWriting.write(Data(request.utf8))
            let answer = try JSONValue.parse(try line(), source: "the answer of onnx_server.py")
            var found: [String: ModelTensor] = [:]
            for member in answer.members ?? [] {
                found[member.name] = try ServedRuntime.tensor(member.value)
            }
            return found
        }

        private func line() throws -> Data {
            while true {
                if let end = received.firstIndex(of: 0x0A) {
                    let line = Data(received[received.startIndex..<end])
                    received = Data(received[received.index(after: end)...])
                    return line
                }
                let more = answers.fileHandleForReading.availableData
                guard !more.isEmpty else { throw MissingPart(name: "an answer of onnx_server.py") }
                received.append(more)
            }
        }

        private static func json(_ tensor: ModelTensor) -> String {
            switch tensor.values {
            case .float32(let values): return json("float32", tensor.shape, "\(values)")
            case .int32(let values): return json("int32", tensor.shape, "\(values)")
            }
        }

        private static func json(_ type: String, _ shape: [Int], _ data: String) -> String {
            "{\"dtype\": \"\(type)\", \"shape\": \(shape), \"data\": \(data)}"
        }

        private static func tensor(_ value: JSONValue) throws -> ModelTensor {
            let shape = try value.get("shape").ids()
            if try value.text("dtype") == "float32" {
                let numbers = try value.get("data").numbers().map { Float($0) }
                return ModelTensor(shape: shape, values: .float32(numbers))
            }
            let numbers = try value.get("data").ids().map { Int32($0) }
            return ModelTensor(shape: shape, values: .int32(numbers))
        }
    }
#endif
