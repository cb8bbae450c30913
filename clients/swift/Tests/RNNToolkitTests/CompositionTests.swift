import Foundation
import XCTest

@testable import RNNToolkit

/// Unicode's composed form.
final class CompositionTests: XCTestCase {
    private func assertComposed(
        _ text: String, _ expected: String, line: UInt = #line
    ) {
        assertSame(String(units: composed(text.units)), expected, line: line)
    }

    func testMarksJoinInCanonicalOrder() {
        assertComposed("cafe\u{301}", "caf\u{e9}")
        assertComposed("u\u{304}\u{308}", "\u{1e7b}")
        assertComposed("u\u{308}\u{304}", "\u{1d6}")
        assertComposed("a\u{301}\u{323}", "\u{1ea1}\u{301}")
        assertComposed("a\u{327}\u{301}", "\u{e1}\u{327}")
        // A mark that stands before another of its class keeps that one from joining.
        assertComposed("a\u{302}\u{302}\u{301}", "\u{e2}\u{302}\u{301}")
    }

    func testWhatIsNeverComposed() {
        assertComposed("\u{212b}\u{958}\u{2f800}", "\u{c5}\u{915}\u{93c}\u{4e3d}")
        assertComposed("\u{308}\u{301}\u{344}", "\u{308}\u{301}\u{308}\u{301}")
    }

    func testKoreanSyllables() {
        assertComposed("\u{1112}\u{1161}\u{11ab}", "\u{d55c}")
        assertComposed("\u{ac00}\u{11a8}\u{11a8}", "\u{ac01}\u{11a8}")
        assertComposed("\u{ac01}\u{11a8}\u{d55c}", "\u{ac01}\u{11a8}\u{d55c}")
    }

    func testCharactersBeyondSixteenBits() {
        assertComposed("\u{10410}\u{308}", "\u{10410}\u{308}")
        assertComposed("\u{11099}\u{110ba}", "\u{1109a}")
    }

    /// Foundation composes single characters right.
    func testEveryCharacterAlone() {
        var wrong: [UInt32] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age,
                age.major <= 14
            else { continue }
            let text = String(Character(scalar))
            let decomposed = text.decomposedStringWithCanonicalMapping
            let expected = text.precomposedStringWithCanonicalMapping
            if String(units: composed(text.units)).utf16.elementsEqual(expected.utf16),
                composed(decomposed.units).elementsEqual(expected.utf16)
            {
                continue
            }
            wrong.append(value)
        }
        XCTAssertEqual(wrong.map { String($0, radix: 16) }, [])
    }
}
