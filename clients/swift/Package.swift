// swift-tools-version:5.9

import PackageDescription

let package = Package(
    name: "RNNToolkit",
    platforms: [.iOS(.v13), .macOS(.v10_15)],
    products: [
        .library(name: "RNNToolkit", targets: ["RNNToolkit"])
    ],
    targets: [
        .target(name: "RNNToolkit"),
        .testTarget(
            name: "RNNToolkitTests",
            dependencies: ["RNNToolkit"],
            exclude: ["onnx_server.py"]
        ),
    ]
)
