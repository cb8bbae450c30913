import Foundation
import XCTest

@testable import RNNToolkit

/// What Swift's own strings, JSON reader and sort would get wrong.
final class TextTests: XCTestCase {
    func testTokensThatLookAlikeAreDifferent() throws {
        // One is composed, the other is not; as Swift strings they are equal.
        let json = """
            {"model": {"type": "WordLevel", "unk_token": "?",
             "vocab": {"?": 0, "\\u00e9": 1, "e\\u0301": 2}}}
            """
        let pipeline = try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
        XCTAssertEqual(pipeline.encode("\u{e9}".units), [1])
        XCTAssertEqual(pipeline.encode("e\u{301}".units), [2])
    }

    func testJSONKeepsCodePointsAndOrder() throws {
        let json = #" {"b": [1, -2.5e1, true, null], "a": "\ud83d\ude00 \ud800 \u0041\n"} "#
        let value = try JSONValue.parse(Data(json.utf8), source: "a file")
        XCTAssertEqual(value.members?.map(\.name), ["b", "a"])
        XCTAssertEqual(
            value["b"], .array([.integer(1), .number(-25), .boolean(true), .null]))
        assertSame(try value.text("a"), "\u{1F600} \u{FFFD} A\n")
    }

    func testDamagedJSONIsRefused() {
        for json in ["", "{", "[1,]", "{\"a\" 1}", "\"a", "tru", "1 2", "\"\\x\"", "\"\\u00+1\""] {
            XCTAssertThrowsError(try JSONValue.parse(Data(json.utf8), source: "a file"), json)
        }
    }

    func testReplacingGoesFromLeftToRight() {
        XCTAssertEqual(
            String(units: replacing("aa".units, with: "b".units, in: "aaaca".units)), "baca")
    }

    func testPlainLine() {
        assertSame(plainLine("\u{1d} a\u{202f}\u{a0}b \n e\u{301}\t"), "a b \u{e9}")
    }

    func testLineEndsOfGeneration() {
        let prepared = GenerationTokenizer.prepared("a\r\nb\rc\n\r\r\nd".units)
        XCTAssertEqual(String(units: prepared), "a\nb\nc\n\n\nd")
    }

    func testBrokenBytesBecomeWhatPythonMakesOfThem() {
        // A byte that begins no character, a character cut short, and one cut by a letter.
        let bytes: [UInt8] = [0xFF, 0xE2, 0x82, 0x41, 0xF0, 0x9F, 0x98]
        assertSame(String(decoding: bytes, as: UTF8.self), "\u{FFFD}\u{FFFD}A\u{FFFD}")
    }

    func testWhatIsUnknownIsRefusedByName() {
        for (part, name) in [
            (#""normalizer": {"type": "NFKC"}"#, "NFKC"),
            (#""pre_tokenizer": {"type": "Whitespace"}"#, "Whitespace"),
            (#""decoder": {"type": "Metaspace"}"#, "Metaspace"),
            (#""post_processor": {"type": "BertProcessing"}"#, "BertProcessing"),
            (#""added_tokens": [{"content": "<s>"}]"#, "<s>"),
            (#""model": {"type": "Unigram", "vocab": {"?": 0}}"#, "Unigram"),
            (#""model": {"type": "BPE", "vocab": {"?": 0}, "dropout": 0.1}"#, "dropout"),
            (#""model": {"type": "BPE", "vocab": {"?": 0}, "fuse_unk": true}"#, "fuse_unk"),
        ] {
            let model = #""model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0}}"#
            let json = part.contains("\"model\"") ? "{\(part)}" : "{\(model), \(part)}"
            XCTAssertThrowsError(
                try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
            ) { error in
                let message = (error as? RNNToolkitError)?.message ?? ""
                XCTAssertTrue(message.contains(name), message)
            }
        }
    }

    func testOnlyTheLineFeedEndsALine() throws {
        let json = """
            {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated",
             "invert": false},
             "model": {"type": "WordLevel", "unk_token": "?",
             "vocab": {"?": 0, "\\u0085": 1, "\\n\\n": 2}}}
            """
        let pipeline = try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
        XCTAssertEqual(pipeline.encode("\u{85}\u{85}\n\n\u{85}".units), [1, 1, 2, 1])
    }

    func testMergesOfBothNotations() throws {
        let vocabulary = #""vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}"#
        for merges in [#"["a b", "ab c"]"#, #"[["a", "b"], ["ab", "c"]]"#] {
            let json = #"{"model": {"type": "BPE", \#(vocabulary), "merges": \#(merges)}}"#
            let pipeline = try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
            XCTAssertEqual(pipeline.encode("abcabbc".units), [4, 3, 1, 2])
        }
    }

    func testOfEqualPairsTheFirstIsJoined() throws {
        let json = #"{"model": {"type": "BPE", "vocab": {"a": 0, "aa": 1}, "merges": ["a a"]}}"#
        let pipeline = try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
        XCTAssertEqual(pipeline.encode("aaaaa".units), [1, 1, 0])
    }

    func testByteLevelWithItsOwnPattern() throws {
        let json = """
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
             "model": {"type": "WordLevel", "unk_token": "?",
             "vocab": {"?": 0, "I": 1, "'ll": 2, "\\u0120see": 3, "\\u0120": 4, "\\u01202": 5}}}
            """
        let pipeline = try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
        XCTAssertEqual(pipeline.encode("I'll see  2".units), [1, 2, 3, 4, 5])
    }

    func testWordPieceGivesUpOnLongWordsByCharacters() throws {
        let json = """
            {"model": {"type": "WordPiece", "unk_token": "?", "continuing_subword_prefix": "##",
             "max_input_chars_per_word": 3,
             "vocab": {"?": 0, "\\ud83d\\ude00": 1, "##\\ud83d\\ude00": 2}}}
            """
        let pipeline = try TokenizerPipeline(data: Data(json.utf8), source: "tokenizer.json")
        XCTAssertEqual(pipeline.encode("😀😀😀".units), [1, 2, 2])
        XCTAssertEqual(pipeline.encode("😀😀😀😀".units), [0])
        XCTAssertEqual(pipeline.encode("😀a".units), [0])
    }
}
