import Foundation

/// Gives the files of a bundle.
public protocol BundleReader {
    /// Whether there is a file (or a folder) of this name.
    func contains(_ name: String) -> Bool

    /// The content of a file.
    ///
    /// - Parameter name: relative to the bundle, with forward slashes.
    /// - Throws: an error when it cannot be read.
    func data(named name: String) throws -> Data
}

/// Reads a bundle from a directory, such as a folder reference in the app's resources.
public struct DirectoryReader: BundleReader {
    public let directory: URL

    public init(directory: URL) {
        self.directory = directory
    }

    public func contains(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: url(of: name).path)
    }

    public func data(named name: String) throws -> Data {
        do {
            return try Data(contentsOf: url(of: name))
        } catch {
            throw RNNToolkitError.bundle(
                "\(url(of: name).path) cannot be read.",
                "Copy the whole directory that rnn-toolkit exported into the app."
            )
        }
    }

    /// Where a file of the bundle lies.
    public func url(of name: String) -> URL {
        directory.appendingPathComponent(name)
    }
}

/// An opened bundle: its manifest, its tokenizers and the runtime of its model files.
public struct RNNBundle {
    public let manifest: Manifest
    public var task: Manifest.Task { manifest.task }

    private let reader: BundleReader
    private let runtime: CheckedRuntime

    /// Opens a bundle.
    ///
    /// - Parameters:
    ///   - reader: gives its files.
    ///   - openRuntime: makes what runs the model files; `Manifest.signatures` names them.
    /// - Throws: `RNNToolkitError` when the bundle is damaged, too new or incomplete, and what
    ///   `openRuntime` throws.
    public init(
        reader: BundleReader, openRuntime: (Manifest) throws -> ModelRuntime
    ) throws {
        manifest = try Manifest(data: try reader.data(named: Manifest.fileName))
        for name in manifest.content.tokenizerFiles + manifest.modelFiles
        where !reader.contains(name) {
            throw RNNToolkitError.bundle(
                "The bundle has no file \(name).",
                "Copy the whole directory that rnn-toolkit exported into the app."
            )
        }
        self.reader = reader
        runtime = CheckedRuntime(try openRuntime(manifest))
    }

    /// Opens a bundle that lies in a directory; see `init(reader:openRuntime:)`.
    ///
    /// - Parameters:
    ///   - directory: what `rnn-toolkit export` wrote.
    ///   - openRuntime: makes what runs the model files.
    public init(
        directory: URL, openRuntime: (DirectoryReader, Manifest) throws -> ModelRuntime
    ) throws {
        let reader = DirectoryReader(directory: directory)
        try self.init(reader: reader) { manifest in try openRuntime(reader, manifest) }
    }

    /// What tells the label of a text.
    ///
    /// - Throws: `RNNToolkitError` for a bundle of another task or a damaged tokenizer.
    public func classifier() throws -> Classifier {
        guard case .classifier(let content) = manifest.content else {
            throw otherTask("classifier()")
        }
        let tokenizer = try Tokenizer(
            data: try reader.data(named: content.tokenizerFile),
            maximumLength: content.maximumLength, headLength: content.headLength,
            unknownId: content.unknownId, source: content.tokenizerFile)
        return Classifier(tokenizer: tokenizer, labels: content.labels, runtime: runtime)
    }

    /// What goes on with a text.
    ///
    /// - Throws: `RNNToolkitError` for a bundle of another task or a damaged tokenizer.
    public func generator() throws -> TextGenerator {
        guard case .generation(let content) = manifest.content else {
            throw otherTask("generator()")
        }
        let tokenizer = try GenerationTokenizer(
            data: try reader.data(named: content.tokenizerFile), kind: content.kind,
            conditionIds: content.conditions.map(\.id), unknownId: content.unknownId,
            source: content.tokenizerFile)
        try checkSize(of: tokenizer, content.vocabularySize)
        return TextGenerator(
            tokenizer: tokenizer, manifest: content,
            model: BundleSteps(
                runtime: runtime, states: content.states, vocabularySize: content.vocabularySize))
    }

    /// What translates a text.
    ///
    /// - Throws: `RNNToolkitError` for a bundle of another task or a damaged tokenizer.
    public func translator() throws -> Translator {
        guard case .translation(let content) = manifest.content else {
            throw otherTask("translator()")
        }
        let tokenizers = try SideTokenizers(manifest: content, reader: reader)
        try checkSize(of: tokenizers.target, content.vocabularySize)
        return Translator(
            tokenizers: tokenizers, manifest: content,
            model: BundleEncoderDecoder(
                runtime: runtime, passedOn: content.passedOn, states: content.states,
                vocabularySize: content.vocabularySize))
    }

    private func checkSize(of tokenizer: GenerationTokenizer, _ outputs: Int) throws {
        let tokens = tokenizer.pipeline.vocabulary.tokens.count
        guard tokens <= outputs else {
            throw RNNToolkitError.bundle(
                "The network has \(outputs) outputs, the tokenizer \(tokens) tokens.",
                "They belong to different models; export the model again."
            )
        }
    }

    private func otherTask(_ asked: String) -> RNNToolkitError {
        let right: String
        switch task {
        case .sentiment: right = "classifier()"
        case .generation: right = "generator()"
        case .translation: right = "translator()"
        }
        return .option("This is a \(task.rawValue) bundle.", "Call \(right), not \(asked).")
    }
}
