import Foundation

/// Numbers in a shape, the last axis running fastest.
public struct ModelTensor: Equatable, Sendable {
    /// The numbers, by their type.
    public enum Values: Equatable, Sendable {
        case float32([Float])
        case int32([Int32])

        /// How many there are.
        public var count: Int {
            switch self {
            case .float32(let values): return values.count
            case .int32(let values): return values.count
            }
        }
    }

    public let shape: [Int]
    public let values: Values

    /// - Parameters:
    ///   - shape: the size of each axis.
    ///   - values: as many numbers as the shape has places.
    public init(shape: [Int], values: Values) {
        precondition(
            shape.reduce(1, *) == values.count,
            "A tensor of the shape \(shape) cannot hold \(values.count) numbers.")
        self.shape = shape
        self.values = values
    }

    /// Ids, one per row.
    init(ids: [Int]) {
        self.init(shape: [ids.count], values: .int32(ids.map { Int32($0) }))
    }

    /// Rows of ids made equally long with the padding id 0 on the right.
    ///
    /// - Parameter rows: ids of each text; each has at least one.
    init(paddedRows rows: [[Int]]) {
        let longest = rows.map(\.count).max() ?? 0
        let flat = rows.flatMap { row in
            row.map { Int32($0) } + [Int32](repeating: 0, count: longest - row.count)
        }
        self.init(shape: [rows.count, longest], values: .int32(flat))
    }

    /// The tensor with chosen rows of its first axis, in that order; a row may come repeatedly.
    func taking(rows: [Int]) -> ModelTensor {
        let width = shape.dropFirst().reduce(1, *)
        let size = [rows.count] + shape.dropFirst()
        switch values {
        case .float32(let numbers):
            let taken = rows.flatMap { numbers[($0 * width)..<(($0 + 1) * width)] }
            return ModelTensor(shape: size, values: .float32(taken))
        case .int32(let numbers):
            let taken = rows.flatMap { numbers[($0 * width)..<(($0 + 1) * width)] }
            return ModelTensor(shape: size, values: .int32(taken))
        }
    }
}

extension ModelTensor {
    /// The type of a tensor's numbers.
    public enum ElementType: String, Sendable {
        case float32, int32

        fileprivate static let bytesPerNumber = 4
    }

    /// The type of the numbers.
    public var elementType: ElementType {
        switch values {
        case .float32: return .float32
        case .int32: return .int32
        }
    }

    /// The numbers as memory holds them.
    public var bytes: Data {
        switch values {
        case .float32(let numbers): return numbers.withUnsafeBufferPointer { Data(buffer: $0) }
        case .int32(let numbers): return numbers.withUnsafeBufferPointer { Data(buffer: $0) }
        }
    }

    /// A tensor from the memory of a runtime.
    ///
    /// - Parameters:
    ///   - elementType: the type of the numbers.
    ///   - shape: the size of each axis.
    ///   - bytes: the numbers as memory holds them; they are copied.
    /// - Throws: `RNNToolkitError` when the bytes do not fit the shape.
    public init(elementType: ElementType, shape: [Int], bytes: Data) throws {
        let count = shape.reduce(1, *)
        guard bytes.count == count * ElementType.bytesPerNumber else {
            throw RNNToolkitError.bundle(
                "A tensor of the shape \(shape) cannot hold \(bytes.count) bytes.",
                "Check the runtime adapter."
            )
        }
        switch elementType {
        case .float32:
            var numbers = [Float](repeating: 0, count: count)
            _ = numbers.withUnsafeMutableBytes { bytes.copyBytes(to: $0) }
            self.init(shape: shape, values: .float32(numbers))
        case .int32:
            var numbers = [Int32](repeating: 0, count: count)
            _ = numbers.withUnsafeMutableBytes { bytes.copyBytes(to: $0) }
            self.init(shape: shape, values: .int32(numbers))
        }
    }
}

/// What runs the model files of a bundle; the app writes it, or takes one from `Adapters`.
///
/// A predictor calls it from one thread at a time.
public protocol ModelRuntime: AnyObject {
    /// Calls a signature of the bundle.
    ///
    /// - Parameters:
    ///   - signature: its name in the manifest; `Manifest.signatures` says which file holds it.
    ///   - inputs: all its input tensors, by name.
    /// - Returns: All its output tensors, by name.
    func run(signature: String, inputs: [String: ModelTensor]) throws -> [String: ModelTensor]
}

/// A runtime that is called by one thread at a time, and whose answers are checked.
final class CheckedRuntime: @unchecked Sendable {
    private let runtime: ModelRuntime
    private let lock = NSLock()

    init(_ runtime: ModelRuntime) {
        self.runtime = runtime
    }

    /// The outputs of a signature, by name; see `ModelRuntime`.
    func run(_ signature: String, _ inputs: [String: ModelTensor]) throws -> Outputs {
        lock.lock()
        defer { lock.unlock() }
        return Outputs(
            signature: signature,
            tensors: try runtime.run(signature: signature, inputs: inputs)
        )
    }

    /// What a signature answered.
    struct Outputs {
        let signature: String
        let tensors: [String: ModelTensor]

        /// A tensor by its name.
        ///
        /// - Throws: `RNNToolkitError` when the runtime did not give it.
        func tensor(_ name: String) throws -> ModelTensor {
            guard let tensor = tensors[name] else {
                throw RNNToolkitError.bundle(
                    "The signature \(signature) gave no tensor \(name).",
                    "Check the runtime adapter; it must give every output by its name."
                )
            }
            return tensor
        }

        /// The rows of a tensor of numbers [rows, width].
        ///
        /// - Parameters:
        ///   - name: of the tensor.
        ///   - count: the rows that were asked for.
        ///   - width: the numbers of a row; nil where any will do.
        /// - Throws: `RNNToolkitError` when the tensor is missing or of another kind.
        func rows(_ name: String, count: Int, width expected: Int? = nil) throws -> [[Float]] {
            let tensor = try self.tensor(name)
            guard case .float32(let numbers) = tensor.values, tensor.shape.count == 2,
                tensor.shape[0] == count, tensor.shape[1] == expected ?? tensor.shape[1]
            else {
                throw RNNToolkitError.bundle(
                    "The signature \(signature) gave \(name) with the shape \(tensor.shape) where "
                        + "\(count) rows of \(expected.map { "\($0) " } ?? "")float32 were expected.",
                    "Export the model again, or check the runtime adapter."
                )
            }
            let width = tensor.shape[1]
            return (0..<count).map { Array(numbers[($0 * width)..<(($0 + 1) * width)]) }
        }
    }
}
