import XCTest

@testable import RNNToolkit

/// numpy's random numbers, to the last bit.
final class NumpyRandomTests: XCTestCase {
    func testNumbersOfNumpy() throws {
        let cases = try Vectors().json("random.json").list("cases")
        XCTAssertFalse(cases.isEmpty)
        for item in cases {
            let seed = try item.get("seed").ids().map { UInt64($0) }
            var random = NumpyRandom(seed: seed)
            let expected = try item.get("numbers").numbers()
            XCTAssertEqual(expected.map { _ in random.next() }, expected, "seed \(seed)")
        }
    }

    func testSeedOfManyWords() {
        // numpy.random.default_rng([1, 2**40, 3, 4, 5]).random()
        var random = NumpyRandom(seed: [1, 1 << 40, 3, 4, 5])
        XCTAssertEqual(random.next(), NumpyRandomTests.numberOfManyWords)
    }

    private static let numberOfManyWords = 0.6493911021959571
}
