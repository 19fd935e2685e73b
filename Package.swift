// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target of ours (style: CONTRIBUTING.md). Dependencies keep their own.
/// NonisolatedNonsendingByDefault is left out on purpose: with Swift 6.3.1 an optimised actor method that awaits such a
/// function went on outside its actor ("Incorrect actor executor assumption" in release builds only).
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A library target of ours. `floor` is documentation here; `Tests/FloorsTests` enforces it.
func kit(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(
  _ name: String, _ dependencies: [Target.Dependency], linkerSettings: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: linkerSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let unixSignals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "htr",
  products: [
    .executable(name: "htrd", targets: ["htrd"]),
    .executable(name: "htrctl", targets: ["htrctl"]),
    .executable(name: "htr-shim", targets: ["htr-shim"]),
    .executable(name: "htr-worker", targets: ["htr-worker"]),
    .executable(name: "htr-inference", targets: ["htr-inference"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Floor 0: doors to system libraries, and our C.
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(
      name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CCurl", dependencies: ["CLibCurl"]),
    .target(name: "CHost"),
    .target(name: "CChecksum", cSettings: [.unsafeFlags(["-O3"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
    // Loops over tensors: always optimised, for a debug build would take minutes for a training step of seconds.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast"])]),

    // Floor 1: kits. HostKit, JSONKit and ArchiveKit import no Foundation: htr-shim links them.
    kit("HostKit", ["CHost"]),
    kit("JSONKit"),
    kit("ArchiveKit", ["CArchive", "CNettle", "HostKit"]),
    kit("PatternKit", ["CPCRE2"]),
    kit("MarkupKit", ["CXML2"]),
    kit("CurlKit", ["CCurl", "HostKit"]),
    kit("ImageKit", ["CTurboJPEG", "CPNG", "HostKit"]),
    kit("TensorKit", ["CKernels", "HostKit"]),

    // Floor 2: vocabulary.
    kit("Resources", ["JSONKit", "HostKit"]),

    // Floor 3: pure core.
    kit("Lifecycles", ["Resources", "HostKit", "JSONKit"]),
    kit("Wire", ["Resources", "JSONKit", "HostKit", "MarkupKit"]),
    kit("Signing", ["HostKit", crypto]),
    kit("WorkerContract", ["HostKit", "JSONKit"]),
    kit("Handwriting", ["ImageKit", "TensorKit", "JSONKit", "HostKit"]),

    kit("Segmentation", ["Handwriting", "ImageKit", "TensorKit", "JSONKit", "HostKit"]),

    // Floor 4: doing.
    kit("Persistence", ["Resources", "JSONKit", "HostKit", grdb]),
    kit("Launching", ["WorkerContract", "JSONKit", "HostKit", "CHost"]),
    kit("ArtifactStore", ["HostKit", "JSONKit", "ArchiveKit", "CHost", "CChecksum"]),
    kit(
      "BuiltInAlgorithms",
      [
        "WorkerContract", "Segmentation", "Handwriting", "TensorKit", "ImageKit", "ArchiveKit", "HostKit", "JSONKit",
      ]),
    kit("Synthesis", ["CFreeType", "Handwriting", "ImageKit", "HostKit", "JSONKit"]),

    kit("Pages", ["Segmentation", "Handwriting", "ImageKit", "TensorKit", "JSONKit", "HostKit", "MarkupKit"]),
    kit("Documents", ["CTIFF", "ImageKit", "HostKit", "CHost"]),
    kit("RemoteStorage", ["CurlKit", "Signing", "MarkupKit", "HostKit"]),
    kit("Serving", ["Signing", "CChecksum", "JSONKit", "HostKit", nio, nioPosix]),

    // Floor 5: deciding.
    .target(
      name: "ControlPlane",
      dependencies: [
        "Resources", "Lifecycles", "Wire", "Signing", "WorkerContract", "Persistence", "Launching",
        "ArtifactStore", "RemoteStorage", "BuiltInAlgorithms", "Serving", "ArchiveKit", "PatternKit", "HostKit",
        "JSONKit",
        logging, nioPosix, yams,
      ],
      // The worker of script mode is a file of Python, and the daemon one executable.
      resources: [.embedInCode("Endpoints/Scripts/serve.py")], swiftSettings: strict),
    kit("Client", ["CurlKit", "MarkupKit", "JSONKit", "HostKit"]),
    kit(
      "InferenceHost",
      [
        "Pages", "Segmentation", "Handwriting", "ImageKit", "JSONKit", hummingbird, nio, httpTypes, logging, lifecycle,
        unixSignals,
      ]),

    kit("Reports", ["Pages", "Segmentation", "Handwriting", "ImageKit", "JSONKit", "HostKit"]),

    // Floor 6: faces.
    kit(
      "API",
      [
        "ControlPlane", "Serving", "Wire", "Signing", "JSONKit", "HostKit", "CHost", hummingbird, hummingbirdCore,
        nio, nioHTTPTypes, httpTypes, crypto, logging, lifecycle, unixSignals,
      ]),
    kit(
      "Commands",
      [
        "Client", "ArchiveKit", "Synthesis", "Reports", "Documents", "Pages", "Segmentation", "Handwriting",
        "TensorKit",
        "ImageKit", "JSONKit", "HostKit", "CHost",
        argumentParser,
        yams,
      ]),

    // Floor 7: entry points.
    program("htrd", ["API", "ControlPlane", logging, argumentParser]),
    program("htrctl", ["Commands"]),
    // Forked for each job: with Swift's library inside there is less to map and to copy.
    program(
      "htr-shim", ["WorkerContract", "ArchiveKit", "JSONKit", "HostKit", "CHost"],
      linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
    // Started for each job of a built-in algorithm: see htr-shim.
    program(
      "htr-worker", ["BuiltInAlgorithms"], linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
    program(
      "htr-inference",
      ["InferenceHost", "Pages", "Segmentation", "Handwriting", "TensorKit", "CHost", logging, argumentParser]),

    // Tests.
    .target(
      name: "TestKit", dependencies: ["HostKit", "JSONKit", "Client", "CHost"], path: "Tests/TestKit",
      swiftSettings: strict),
    tests("FloorsTests", []),
    tests("HostKitTests", ["HostKit"]),
    tests("JSONKitTests", ["JSONKit"]),
    tests("ArchiveKitTests", ["ArchiveKit", "CArchive", "HostKit", "TestKit"]),
    tests("PatternKitTests", ["PatternKit"]),
    tests("ResourcesTests", ["Resources", "JSONKit", "HostKit"]),
    tests("LifecyclesTests", ["Lifecycles", "Resources", "JSONKit", "HostKit"]),
    tests("WireTests", ["Wire", "Resources", "JSONKit", "HostKit"]),
    tests("SigningTests", ["Signing"]),
    tests("WorkerContractTests", ["WorkerContract", "HostKit", "JSONKit", "TestKit"]),
    tests("ControlPlaneTests", ["ControlPlane", "ArtifactStore", "Serving", "HostKit", "TestKit"]),
    tests("PersistenceTests", ["Persistence", "Lifecycles", "Resources", "JSONKit", "HostKit", grdb]),
    tests("LaunchingTests", ["Launching", "WorkerContract", "HostKit", "JSONKit", "CHost", "TestKit"]),
    tests("ArtifactStoreTests", ["ArtifactStore", "ArchiveKit", "HostKit", "JSONKit", "TestKit"]),
    tests("RemoteStorageTests", ["RemoteStorage", "Signing"]),
    tests("ServingTests", ["Serving", "Signing", "JSONKit", "HostKit", "TestKit", nio, nioPosix]),
    tests("ImageKitTests", ["ImageKit", "HostKit"]),
    tests("HandwritingTests", ["Handwriting", "TensorKit", "ImageKit", "JSONKit", "HostKit"]),
    tests("SegmentationTests", ["Segmentation", "Handwriting", "TensorKit", "ImageKit", "JSONKit", "HostKit"]),
    tests(
      "PagesTests",
      ["Pages", "MarkupKit", "Segmentation", "Handwriting", "TensorKit", "ImageKit", "JSONKit", "HostKit"]),
    tests("DocumentsTests", ["Documents", "CTIFF", "ImageKit", "HostKit"]),
    tests("ReportsTests", ["Reports", "Pages", "Segmentation", "Handwriting", "ImageKit", "JSONKit", "HostKit"]),
    tests(
      "InferenceHostTests",
      [
        "InferenceHost", "Pages", "Segmentation", "Handwriting", "ImageKit", "JSONKit", "HostKit", "TestKit", logging,
        lifecycle,
      ]),
    tests("TensorKitTests", ["TensorKit", "CKernels", "HostKit", "JSONKit"], exclude: ["Golden"]),
    tests(
      "BuiltInAlgorithmsTests",
      [
        "BuiltInAlgorithms", "Synthesis", "Segmentation", "Handwriting", "TensorKit", "ImageKit", "ArchiveKit",
        "WorkerContract",
        "HostKit", "JSONKit", "TestKit",
      ]),
    tests("SynthesisTests", ["Synthesis", "Handwriting", "ImageKit", "HostKit", "JSONKit"]),
    tests(
      "CommandsTests",
      [
        "Commands", "Client", "Synthesis", "Reports", "Documents", "Pages", "Segmentation", "Handwriting", "ImageKit",
        "JSONKit", "HostKit", argumentParser,
      ]),
    tests(
      "EndToEndTests",
      [
        "TestKit", "Client", "Synthesis", "Pages", "Segmentation", "Handwriting", "TensorKit", "ImageKit", "ArchiveKit",
        "JSONKit", "HostKit", "CHost",
      ],
      exclude: ["Python"]),
  ]
)
