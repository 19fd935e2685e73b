import Foundation
import HostKit
import Testing

@testable import Pages

@Suite struct ModelFoldersTests {
  /// A folder with one model folder for each algorithm.
  private func withModels(_ models: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "htr-models-\(UUID())"
    ).path
    // What is left behind harms no other test.
    defer { try? Files.remove(folder) }
    for (name, algorithm) in models {
      try Files.makeFolder("\(folder)/\(name)")
      try Files.write(
        "{\"algorithm\": \"\(algorithm)\"}", to: "\(folder)/\(name)/config.json", durable: false)
    }
    try body(folder)
  }

  @Test func `what a model is for is said by its configuration`() throws {
    try withModels(["a": "text-recognition", "b": "word-segmentation"]) { folder in
      let expected = ["\(folder)/b", "\(folder)/a"]
      for folders in [["\(folder)/a", "\(folder)/b"], ["\(folder)/b", "\(folder)/a"], [folder]] {
        let found = try ModelFolders(folders)
        #expect([found.segmentation, found.recognition] == expected)
      }
      #expect(try ModelFolders(["\(folder)/a"]).segmentation == nil)
      #expect(try ModelFolders(["\(folder)/b"]).recognition == nil)
    }
  }

  @Test func `folders that are no models, or too many, are refused with the reason`() throws {
    try withModels(["a": "text-recognition", "b": "text-recognition", "c": "xgboost"]) { folder in
      try Files.makeFolder("\(folder)/empty")
      for (folders, reason) in [
        ([], "no folder is given"),
        (["\(folder)/a", "\(folder)/b"], "one model for each algorithm"),
        ([folder], "one model for each algorithm"), (["\(folder)/c"], "'xgboost'"),
        (["\(folder)/empty"], "not a model"), (["\(folder)/none"], "list"),
      ] {
        #expect { try ModelFolders(folders) } throws: { "\($0)".contains(reason) }
      }
    }
  }
}
