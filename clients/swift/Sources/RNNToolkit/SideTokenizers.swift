import Foundation

/// The two tokenizers of a translation: text to source ids, and target ids to text.
public struct SideTokenizers {
    /// The tokens of a source text.
    public struct Source: Equatable {
        /// At most as many as the model reads; none for a text that holds nothing.
        public let ids: [Int]
        /// Whether the text was longer than the model reads, so that its end was left out.
        public let isCut: Bool
    }

    private enum SourceTokenizer {
        case own(Tokenizer)
        case shared
    }

    private let source: SourceTokenizer
    let target: GenerationTokenizer
    private let maximumLength: Int
    private let leadingSpace: Bool

    /// Reads both tokenizers of a bundle.
    ///
    /// - Parameters:
    ///   - manifest: of a translation bundle.
    ///   - reader: gives the files.
    /// - Throws: `RNNToolkitError` when a file is missing or cannot be used.
    init(manifest: TranslationManifest, reader: BundleReader) throws {
        let targetFile = manifest.target.file
        target = try GenerationTokenizer(
            data: try reader.data(named: targetFile), kind: manifest.target.kind,
            unknownId: manifest.target.unknownId, source: targetFile)
        maximumLength = manifest.source.maximumLength
        leadingSpace = manifest.source.leadingSpace
        if manifest.sharedVocabulary {
            source = .shared
        } else {
            let file = manifest.source.file
            source = .own(
                try Tokenizer(
                    data: try reader.data(named: file), maximumLength: maximumLength,
                    headLength: maximumLength, unknownId: manifest.source.unknownId, source: file))
        }
    }

    /// The ids of a source text, tidied to one line first as the training texts were.
    public func encodeSource(_ text: String) -> Source {
        let line = plainLine(text)
        guard !line.isEmpty else { return Source(ids: [], isCut: false) }
        let ids: [Int]
        switch source {
        case .own(let tokenizer):
            ids = tokenizer.encodeWhole(line)
        case .shared:
            // The first word looks like every other one: with a space before it.
            ids = target.encode(leadingSpace ? [0x0020] + line.units : line.units)
        }
        return Source(ids: Array(ids.prefix(maximumLength)), isCut: ids.count > maximumLength)
    }

    /// The text of target ids, without spaces at its ends; special ids give nothing.
    ///
    /// - Parameters:
    ///   - ids: without the end mark.
    ///   - isWhole: whether an end mark ended them; otherwise half a character at the end is
    ///     dropped.
    public func decodeTarget(_ ids: [Int], isWhole: Bool = true) -> String {
        let text = target.decodeUnits(ids)
        let kept = isWhole ? text : withoutHalfCharacters(text)
        return String(units: trimmed(kept, isRemoved: isPythonWhiteSpace))
    }
}
