import ArgumentParser
import HostKit

/// A set of the models that come with htr.
enum DemoSet: String, ExpressibleByArgument, CaseIterable {
  case research, free

  static let segmentation = "word-segmentation"
  static let recognition = "text-recognition"

  /// What the models may be used for.
  var terms: String {
    switch self {
    case .research: "for demonstration and non-commercial research only: trained on IAM, IAM-OnDB and others"
    case .free: "for any use: trained on machine-made handwriting and pages under the MIT licence"
    }
  }

  /// Where an archive lies on this machine.
  func archive(of algorithm: String) throws -> String { try Self.file("\(rawValue)/\(algorithm).tar.gz") }

  /// A page that none of the models has seen.
  static func samplePage() throws -> String { try file("page.jpg") }

  /// Beside the installed programs, or in the tree that they were built from.
  private static func file(_ name: String) throws -> String {
    let installed = "\(Files.parent(of: Programs.folder))/share/htr/demo/\(name)"
    if Files.isReadable(installed) { return installed }
    var folder = Files.realPath(Programs.folder) ?? Programs.folder
    while folder != "/", !folder.isEmpty {
      let built = "\(folder)/Artifacts/demo/\(name)"
      if Files.isReadable(built) { return built }
      folder = Files.parent(of: folder)
    }
    throw Failure(
      "demo", "there is no \(installed), and no Artifacts/demo/\(name) above \(Programs.folder)",
      advice: "Install htr with ops/install, or run htrctl from the tree that it was built in.")
  }
}

/// The endpoints of the demo.
enum DemoEndpoint: String, CaseIterable {
  case page = "demo-page"
  case segmentation = "demo-word-segmentation"
  case recognition = "demo-text-recognition"

  var algorithms: [String] {
    switch self {
    case .page: [DemoSet.segmentation, DemoSet.recognition]
    case .segmentation: [DemoSet.segmentation]
    case .recognition: [DemoSet.recognition]
    }
  }
}
