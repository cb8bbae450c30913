/// Random numbers of numpy's `default_rng(seed)`, so that a seed gives the same text everywhere.
///
/// numpy mixes the seed into four 64-bit numbers (its SeedSequence, after O'Neill, 2015), which
/// start a PCG64 generator (PCG XSL-RR 128/64; O'Neill, 2014).
public struct NumpyRandom {
    private var state: Wide
    private let increment: Wide

    /// - Parameter seed: the numbers of the seed in order; numpy's `default_rng([7, 3])` is
    ///   `NumpyRandom(seed: [7, 3])`.
    public init(seed: [UInt64]) {
        let words = SeedSequence(seed).words(count: 4)
        let start = Wide(high: words[0], low: words[1])
        let stream = Wide(high: words[2], low: words[3])
        increment = Wide(high: stream.high << 1 | stream.low >> 63, low: stream.low << 1 | 1)
        state = increment.adding(start)
        step()
    }

    /// The next 64 random bits.
    public mutating func nextBits() -> UInt64 {
        step()
        let mixed = state.high ^ state.low
        let turn = state.high >> 58
        return mixed >> turn | mixed << ((64 - turn) & 63)
    }

    /// The next number, uniform in [0, 1): numpy's `random()`.
    public mutating func next() -> Double {
        Double(nextBits() >> 11) * 0x1p-53
    }

    private mutating func step() {
        state = state.multiplied(by: NumpyRandom.multiplier).adding(increment)
    }

    private static let multiplier = Wide(high: 0x2360_ED05_1FC6_5DA4, low: 0x4385_DF64_9FCC_F645)
}

/// A whole number of 128 bits; what does not fit is lost, as in the generator.
private struct Wide {
    let high: UInt64
    let low: UInt64

    func adding(_ other: Wide) -> Wide {
        let (sum, carries) = low.addingReportingOverflow(other.low)
        return Wide(high: high &+ other.high &+ (carries ? 1 : 0), low: sum)
    }

    func multiplied(by other: Wide) -> Wide {
        let product = low.multipliedFullWidth(by: other.low)
        let crossed = high &* other.low &+ low &* other.high
        return Wide(high: product.high &+ crossed, low: product.low)
    }
}

/// numpy's SeedSequence: mixes a seed of any length into as many words as are needed.
private struct SeedSequence {
    private static let poolSize = 4
    private static let firstMultiplier: UInt32 = 0x931E_8875
    private static let secondMultiplier: UInt32 = 0x58F3_8DED
    private static let leftMultiplier: UInt32 = 0xCA01_F9DD
    private static let rightMultiplier: UInt32 = 0x4973_F715

    private let pool: [UInt32]

    init(_ seed: [UInt64]) {
        let entropy = seed.flatMap(SeedSequence.words(of:))
        var constant: UInt32 = 0x43B0_D7E5
        func hashed(_ value: UInt32) -> UInt32 {
            let mixed = value ^ constant
            constant = constant &* SeedSequence.firstMultiplier
            let product = mixed &* constant
            return product ^ (product >> 16)
        }
        var mixing = (0..<SeedSequence.poolSize).map {
            hashed($0 < entropy.count ? entropy[$0] : 0)
        }
        for source in 0..<SeedSequence.poolSize {
            for place in 0..<SeedSequence.poolSize where place != source {
                mixing[place] = SeedSequence.mixed(mixing[place], hashed(mixing[source]))
            }
        }
        for word in entropy.dropFirst(SeedSequence.poolSize) {
            for place in 0..<SeedSequence.poolSize {
                mixing[place] = SeedSequence.mixed(mixing[place], hashed(word))
            }
        }
        pool = mixing
    }

    /// Words of 64 bits to start a generator with.
    func words(count: Int) -> [UInt64] {
        var constant: UInt32 = 0x8B51_F9DD
        let halves = (0..<(2 * count)).map { place -> UInt64 in
            let mixed = pool[place % SeedSequence.poolSize] ^ constant
            constant = constant &* SeedSequence.secondMultiplier
            let product = mixed &* constant
            return UInt64(product ^ (product >> 16))
        }
        return (0..<count).map { halves[2 * $0] | halves[2 * $0 + 1] << 32 }
    }

    /// A number of the seed in words of 32 bits, the lowest first; 0 is one word.
    private static func words(of number: UInt64) -> [UInt32] {
        let low = UInt32(truncatingIfNeeded: number)
        let high = UInt32(truncatingIfNeeded: number >> 32)
        return high == 0 ? [low] : [low, high]
    }

    private static func mixed(_ one: UInt32, _ other: UInt32) -> UInt32 {
        let product = leftMultiplier &* one &- rightMultiplier &* other
        return product ^ (product >> 16)
    }
}
