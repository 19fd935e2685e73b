import Foundation
import Testing

/// A folder that lives as long as one test.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "htr-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // A left-over scratch folder harms nobody.
    try? FileManager.default.removeItem(atPath: path)
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func file(_ name: String, _ content: String = "", mode: Int = 0o644) throws -> String {
    let path = self(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }

  @discardableResult
  func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    return self(name)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: self(name))), as: UTF8.self)
  }

  func names(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: self(name)).sorted()
  }
}

extension ScratchFolder {
  /// The regular files below a folder, relative to it, in byte order.
  func files(_ name: String) throws -> [String] {
    let base = self(name)
    guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
    return walk.compactMap { $0 as? String }
      .filter {
        (try? FileManager.default.attributesOfItem(atPath: "\(base)/\($0)")[.type] as? FileAttributeType)
          == .typeRegular
      }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }
}
