import Foundation

/// The letters that stand for bytes in a byte-level tokenizer (GPT-2; Radford et al., 2019).
///
/// Printable bytes of Latin-1 stand for themselves, the others for the characters from U+0100 on.
enum ByteAlphabet {
    /// The letter of each byte, as a UTF-16 code unit.
    static let letters: [UInt16] = {
        var found: [UInt16] = []
        var next: UInt16 = 0x0100
        for byte in UInt16(0)...UInt16(255) {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                found.append(byte)
            default:
                found.append(next)
                next += 1
            }
        }
        return found
    }()

    private static let bytes: [UInt16: UInt8] = {
        var found: [UInt16: UInt8] = [:]
        for (byte, letter) in letters.enumerated() {
            found[letter] = UInt8(byte)
        }
        return found
    }()

    /// A text with each byte of its UTF-8 form as a letter.
    static func encode(_ units: Units) -> Units {
        String(units: units).utf8.map { letters[Int($0)] }
    }

    /// The bytes that the letters of a token stand for; a token with other letters is its own
    /// UTF-8 form.
    static func decode(_ token: Units) -> [UInt8] {
        var found: [UInt8] = []
        found.reserveCapacity(token.count)
        for letter in token {
            guard let byte = bytes[letter] else {
                return Array(String(units: token).utf8)
            }
            found.append(byte)
        }
        return found
    }
}
