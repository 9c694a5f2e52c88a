// swift-tools-version: 6.2
// The manifest is the architecture: one target a room, one dependency list the arrows out of it.
// Sources/README.md draws the same map for people; Tests/TidyTests holds the two together.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
    name: "yizhan",
    products: [
        .executable(name: "yizhan", targets: ["yizhan"]),
        // The disk that tests put under the program, with LD_PRELOAD.
        .library(name: "DiskFaults", type: .dynamic, targets: ["DiskFaults"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "CSheets",
            providers: [.apt(["libexpat1-dev", "libfreexl-dev", "libxlsxwriter-dev", "libzip-dev"])]),
        .target(name: "Messaging", swiftSettings: settings),
        .target(name: "Secrets", dependencies: ["CLibcrypto"], swiftSettings: settings),
        .target(name: "Sheets", dependencies: ["CSheets", "Messaging"], swiftSettings: settings),
        .target(
            name: "Dialects", dependencies: ["Messaging", "Secrets"],
            exclude: [
                "Enterprise/INTERFACE.md", "ApiV1/INTERFACE.md", "OperatorV2/INTERFACE.md", "Guodu/INTERFACE.md",
                "Yixintong/INTERFACE.md",
            ],
            swiftSettings: settings),
        .target(
            name: "Store",
            dependencies: [
                "Messaging", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .target(
            name: "Engine", dependencies: ["Messaging", "Secrets", "Sheets", "Store", logging, collections],
            swiftSettings: settings),
        .target(
            name: "HTTPCore", dependencies: [nioCore, nioPosix, nioHTTP1, nioSSL, logging],
            swiftSettings: settings),
        .target(
            name: "HTTPFront",
            dependencies: ["Messaging", "Secrets", "Dialects", "Engine", "HTTPCore", nioCore, nioHTTP1, logging],
            swiftSettings: settings),
        .target(
            name: "CarrierLinks",
            dependencies: [
                "Messaging", "Dialects", "Engine", nioCore, nioPosix, nioHTTP1,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: settings),
        .target(
            name: "AdminProtocol", dependencies: [protobuf], exclude: ["admin.proto", "PROTOCOL.md"],
            swiftSettings: settings),
        .target(
            name: "Administration", dependencies: ["Engine", "Messaging", logging], swiftSettings: settings),
        .target(
            name: "AdminServer",
            dependencies: [
                "AdminProtocol", "Administration", "Engine", "Messaging", nioCore, nioPosix, protobuf, logging,
            ],
            swiftSettings: settings),
        .target(
            name: "Portal",
            dependencies: [
                "Administration", "Dialects", "Engine", "HTTPCore", "Messaging", "Secrets", "Sheets", nioCore, nioHTTP1,
                logging,
            ],
            resources: [
                .embedInCode("Assets/portal.css"), .embedInCode("Assets/portal.js"), .embedInCode("Assets/icon.svg"),
            ],
            swiftSettings: settings),
        .target(name: "Systemd", dependencies: ["CSystemd", logging], swiftSettings: settings),
        .target(
            name: "Simulator",
            dependencies: ["Messaging", "Dialects", "HTTPCore", nioCore, nioPosix, nioHTTP1, logging],
            swiftSettings: settings),
        .executableTarget(
            name: "yizhan",
            dependencies: [
                "Messaging", "Secrets", "Dialects", "Store", "Engine", "HTTPCore", "HTTPFront", "CarrierLinks",
                "AdminProtocol", "Administration", "AdminServer", "Portal", "Sheets", "Systemd", "Simulator", nioCore,
                nioPosix, nioHTTP1, nioEmbedded, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .testTarget(name: "MessagingTests", dependencies: ["Messaging"], swiftSettings: settings),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets"], swiftSettings: settings),
        // With all that is behind a customer's door, for requests that nobody should send.
        .testTarget(
            name: "DialectsTests",
            dependencies: [
                "Messaging", "Secrets", "Dialects", "Store", "Engine", "HTTPCore", "HTTPFront", nioCore, nioPosix,
                logging, .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SheetsTests", dependencies: ["Messaging", "Sheets", "yizhan"], exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "StoreTests", dependencies: ["Messaging", "Store", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Messaging", "Secrets", "Sheets", "Store", "Engine", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CarrierLinksTests",
            dependencies: ["Messaging", "Engine", "CarrierLinks", nioCore, nioPosix, nioSSL],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPFrontTests",
            dependencies: [
                "Messaging", "Secrets", "Dialects", "Store", "Engine", "HTTPCore", "HTTPFront", nioCore, nioPosix,
                logging,
            ],
            swiftSettings: settings),
        .testTarget(name: "SystemdTests", dependencies: ["Systemd", logging], swiftSettings: settings),
        .testTarget(
            name: "HTTPCoreTests",
            dependencies: ["HTTPCore", nioCore, nioEmbedded, nioPosix, nioHTTP1, nioSSL, logging],
            swiftSettings: settings),
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "Simulator", "CarrierLinks", "Engine", "HTTPCore", "Dialects", "Messaging", nioCore, nioPosix, nioHTTP1,
                logging,
            ],
            swiftSettings: settings),
        .testTarget(name: "AdminProtocolTests", dependencies: ["AdminProtocol", protobuf], swiftSettings: settings),
        .testTarget(
            name: "AdminServerTests",
            dependencies: [
                "AdminProtocol", "Administration", "AdminServer", "Messaging", "Secrets", "Store", "Engine", "yizhan",
                nioCore, nioPosix,
                protobuf, logging, .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PortalTests",
            dependencies: [
                "Administration", "Dialects", "Engine", "HTTPCore", "Messaging", "Portal", "Secrets", "Sheets", "Store",
                nioCore, nioPosix, nioHTTP1, logging, .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
        .target(name: "DiskFaults", path: "Tests/DiskFaults"),
        .testTarget(
            name: "EndToEndTests", dependencies: ["yizhan", "Messaging", "Secrets", "Dialects", "AdminProtocol"],
            swiftSettings: settings),
    ]
)
