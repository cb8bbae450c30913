import Foundation

/// What a bundle holds, as its manifest.json tells it.
public struct Manifest {
    /// What a bundle does.
    public enum Task: String, CaseIterable, Sendable {
        case sentiment, generation, translation
    }

    /// A function of a model file.
    public struct Signature: Equatable, Sendable {
        /// The model file, relative to the bundle.
        public let file: String
        /// Names of the tensors it takes.
        public let inputs: [String]
        /// Names of the tensors it gives.
        public let outputs: [String]
    }

    static let fileName = "manifest.json"
    static let newestVersion = 2

    public let task: Task
    /// What runs the model files: "onnx", "tflite", ...
    public let format: String
    public let toolkitVersion: String
    public let signatures: [String: Signature]
    let content: ManifestContent

    /// The model files, each once.
    public var modelFiles: [String] {
        Set(signatures.values.map(\.file)).sorted()
    }

    /// Reads a manifest.json.
    ///
    /// - Parameter data: the file's content.
    /// - Throws: `RNNToolkitError` when it is damaged, newer than this client or of an unknown
    ///   task.
    public init(data: Data) throws {
        let fields = ManifestFields(
            value: try JSONValue.parse(data, source: Manifest.fileName), path: "")
        let version = try fields.integer("format_version")
        let named = try fields.string("task")
        guard version == Manifest.newestVersion, let task = Task(rawValue: named) else {
            throw Manifest.foreign(version: version, task: named)
        }
        self.task = task
        format = try fields.string("format")
        toolkitVersion = try fields.string("toolkit_version")
        signatures = try Manifest.signatures(try fields.object("signatures"))
        switch task {
        case .sentiment: content = .classifier(try ClassifierManifest(fields))
        case .generation: content = .generation(try GenerationManifest(fields))
        case .translation: content = .translation(try TranslationManifest(fields))
        }
        for name in content.signatures where signatures[name] == nil {
            throw fields.damaged("signatures.\(name)", "missing")
        }
    }

    private static func foreign(version: Int, task: String) -> RNNToolkitError {
        let known = Task.allCases.map(\.rawValue).joined(separator: ", ")
        return .bundle(
            "\(fileName) has format version \(version) and the task \(task); this client reads "
                + "version \(newestVersion) and the tasks \(known).",
            version < newestVersion
                ? "Export the model again." : "Use a newer version of the client."
        )
    }

    private static func signatures(_ fields: ManifestFields) throws -> [String: Signature] {
        var found: [String: Signature] = [:]
        for member in fields.value.members ?? [] {
            let signature = try fields.object(member.name)
            found[member.name] = Signature(
                file: try signature.string("file"),
                inputs: try signature.objects("inputs").map { try $0.string("name") },
                outputs: try signature.objects("outputs").map { try $0.string("name") }
            )
        }
        return found
    }
}

/// What only one kind of task has in its manifest.
enum ManifestContent {
    case classifier(ClassifierManifest)
    case generation(GenerationManifest)
    case translation(TranslationManifest)

    /// The signatures that the task calls.
    var signatures: [String] {
        switch self {
        case .classifier: return ["predict"]
        case .generation: return ["prefill", "step"]
        case .translation: return ["encode", "decode_step"]
        }
    }

    /// The tokenizer files that the task reads.
    var tokenizerFiles: [String] {
        switch self {
        case .classifier(let manifest): return [manifest.tokenizerFile]
        case .generation(let manifest): return [manifest.tokenizerFile]
        case .translation(let manifest):
            let target = manifest.target.file
            return manifest.sharedVocabulary ? [target] : [manifest.source.file, target]
        }
    }
}

/// Values of a manifest by name; an error names the place.
struct ManifestFields {
    let value: JSONValue
    let path: String

    func string(_ name: String) throws -> String {
        try found(name, value[name]?.string, "a text")
    }

    func integer(_ name: String) throws -> Int {
        try found(name, value[name]?.integer, "a whole number")
    }

    func number(_ name: String) throws -> Double {
        try found(name, value[name]?.number, "a number")
    }

    func boolean(_ name: String) throws -> Bool {
        try found(name, value[name]?.boolean, "true or false")
    }

    func object(_ name: String) throws -> ManifestFields {
        let inner = try found(name, value[name], "an object")
        guard inner.members != nil else { throw damaged(name, "not an object") }
        return ManifestFields(value: inner, path: path + name + ".")
    }

    func objects(_ name: String) throws -> [ManifestFields] {
        let values = try found(name, value[name]?.array, "a list")
        return values.enumerated().map { place, value in
            ManifestFields(value: value, path: "\(path)\(name).\(place).")
        }
    }

    func strings(_ name: String) throws -> [String] {
        let values = try found(name, value[name]?.array, "a list of texts")
        return try values.map { try found(name, $0.string, "a list of texts") }
    }

    func integers(_ name: String) throws -> [Int] {
        let values = try found(name, value[name]?.array, "a list of whole numbers")
        return try values.map { try found(name, $0.integer, "a list of whole numbers") }
    }

    /// Checks that ids are ids of the network, and that some are left to be written.
    ///
    /// - Parameters:
    ///   - ids: special ones.
    ///   - never: ids that are never written.
    ///   - vocabularySize: number of logits.
    /// - Throws: `RNNToolkitError` otherwise.
    func checkIds(_ ids: [Int], never: [Int] = [], of vocabularySize: Int) throws {
        let special = Set(ids + never)
        let areIds = special.allSatisfy { (0..<max(vocabularySize, 0)).contains($0) }
        guard areIds, special.count < vocabularySize else {
            throw damaged("vocabulary_size", "too small for the special ids")
        }
    }

    func damaged(_ name: String, _ problem: String) -> RNNToolkitError {
        .bundle(
            "\(Manifest.fileName) is damaged: \(path)\(name) is \(problem).",
            "Export the model again."
        )
    }

    private func found<Value>(_ name: String, _ value: Value?, _ kind: String) throws -> Value {
        guard let value = value else { throw damaged(name, "missing or not \(kind)") }
        return value
    }
}
