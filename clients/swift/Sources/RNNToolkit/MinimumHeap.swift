/// Values of which the smallest can be taken out quickly (a binary heap).
struct MinimumHeap<Value: Comparable> {
    private var values: [Value] = []

    /// Adds a value.
    mutating func insert(_ value: Value) {
        values.append(value)
        var child = values.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard values[child] < values[parent] else { return }
            values.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the smallest value out; nil when there is none.
    mutating func popSmallest() -> Value? {
        guard let smallest = values.first else { return nil }
        let last = values.removeLast()
        if !values.isEmpty {
            values[0] = last
            sink()
        }
        return smallest
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < values.count {
                if values[child] < values[smallest] {
                    smallest = child
                }
            }
            guard smallest != parent else { return }
            values.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
