import Foundation
import Testing

/// The floors of ARCHITECTURE.md, enforced: a target imports lower floors only, and only the third-party modules that
/// are its own business.
@Suite struct FloorsTests {
  private static let floors: [String: Int] = [
    "CArchive": 0, "CNettle": 0, "CPCRE2": 0, "CLibCurl": 0, "CCurl": 0, "CHost": 0, "CTurboJPEG": 0,
    "CPNG": 0, "CTIFF": 0, "CXML2": 0, "CChecksum": 0, "CFreeType": 0, "CKernels": 0,
    "HostKit": 1, "JSONKit": 1, "ArchiveKit": 1, "PatternKit": 1, "MarkupKit": 1, "CurlKit": 1, "ImageKit": 1,
    "TensorKit": 1,
    "Resources": 2,
    "Lifecycles": 3, "Wire": 3, "Signing": 3, "WorkerContract": 3, "Handwriting": 3, "Segmentation": 3,
    "Persistence": 4, "Launching": 4, "ArtifactStore": 4, "RemoteStorage": 4, "BuiltInAlgorithms": 4, "Synthesis": 4,
    "Pages": 4,
    "Documents": 4, "Serving": 4,
    "ControlPlane": 5, "Client": 5, "InferenceHost": 5, "Reports": 5,
    "API": 6, "Commands": 6,
    "htrd": 7, "htrctl": 7, "htr-shim": 7, "htr-worker": 7, "htr-inference": 7,
  ]

  /// Kits that stand on another kit: failures, files and random numbers are HostKit's everywhere.
  private static let sameFloor: [String: Set<String>] = [
    "ArchiveKit": ["HostKit"], "ImageKit": ["HostKit"], "TensorKit": ["HostKit"],
    "CurlKit": ["HostKit"],
    // Both are handwriting models: manifests, model files and schedules are the recogniser's.
    "Segmentation": ["Handwriting"],
  ]

  private static let thirdParty: [String: Set<String>] = [
    "Signing": ["Crypto"],
    "Persistence": ["GRDB"],
    "Serving": ["NIOCore", "NIOPosix"],
    "ControlPlane": ["Logging", "NIOPosix", "Yams"],
    "API": [
      "Hummingbird", "HummingbirdCore", "NIOCore", "NIOHTTPTypes", "HTTPTypes", "Crypto", "Logging", "ServiceLifecycle",
      "UnixSignals",
    ],
    "InferenceHost": ["Hummingbird", "NIOCore", "HTTPTypes", "Logging", "ServiceLifecycle", "UnixSignals"],
    "Commands": ["ArgumentParser", "Yams"],
    "htrd": ["ArgumentParser", "Logging"],
    "htr-inference": ["ArgumentParser", "Logging"],
  ]

  /// Targets that htr-shim links, or that must start fast: they do without Foundation.
  private static let withoutFoundation: Set<String> = [
    "HostKit", "JSONKit", "ArchiveKit", "PatternKit", "MarkupKit", "Resources", "Lifecycles", "Wire", "WorkerContract",
    "ImageKit", "TensorKit", "Handwriting", "Segmentation", "Pages", "Documents", "Reports", "Synthesis",
    "BuiltInAlgorithms", "ArtifactStore", "CurlKit", "Persistence", "Serving",
    "htr-shim",
    "htr-worker",
  ]

  private static let system: Set<String> = ["Foundation", "Glibc", "Dispatch", "Synchronization"]

  private static let sources = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

  private static func swiftFiles(of target: String) -> [URL] {
    let folder = sources.appendingPathComponent(target)
    let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (walker?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
  }

  private static func imports(of target: String) throws -> Set<String> {
    var modules: Set<String> = []
    for file in swiftFiles(of: target) {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1,
          index == 0 || ["public", "internal", "package", "private", "@testable", "@preconcurrency"].contains(words[0])
        else { continue }
        modules.insert(String(words.last!.split(separator: ".")[0]))
      }
    }
    return modules
  }

  @Test func `every target has a floor`() throws {
    let targets = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    #expect(Set(targets) == Set(Self.floors.keys))
  }

  @Test(arguments: floors.keys.sorted())
  func `a target imports lower floors and its own third-party modules only`(target: String) throws {
    let floor = try #require(Self.floors[target])
    for module in try Self.imports(of: target) where !Self.system.contains(module) {
      if let other = Self.floors[module] {
        let isAllowed = other < floor || Self.sameFloor[target]?.contains(module) == true
        #expect(isAllowed, "\(target) (floor \(floor)) imports \(module) (floor \(other))")
      } else {
        #expect(Self.thirdParty[target]?.contains(module) == true, "\(target) imports \(module)")
      }
    }
  }

  @Test(arguments: withoutFoundation.sorted())
  func `what must start fast does without Foundation`(target: String) throws {
    #expect(try !Self.imports(of: target).contains("Foundation"))
  }

  @Test(arguments: ["htrd", "htrctl", "htr-worker", "htr-inference"])
  func `an entry point only reads settings, wires and runs`(target: String) throws {
    let lines = try Self.swiftFiles(of: target).reduce(0) {
      $0 + (try String(contentsOf: $1, encoding: .utf8).split(separator: "\n").count)
    }
    #expect(lines <= 120)
  }
}
