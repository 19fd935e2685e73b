import Foundation

/// A folder that lives as long as one test.
public final class ScratchFolder {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + "htr-scratch-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // A left-over scratch folder harms nobody.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of something in the folder.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, making the folders above it, and answers its path.
  @discardableResult
  public func file(_ name: String, _ content: String = "", mode: Int = 0o644) throws -> String {
    let path = self(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }

  @discardableResult
  public func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    return self(name)
  }

  public func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: self(name))), as: UTF8.self)
  }

  public func names(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: self(name)).sorted()
  }
}

extension ScratchFolder {
  /// The regular files below a folder, relative to it, in byte order.
  public func files(_ name: String) throws -> [String] {
    let base = self(name)
    guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
    return walk.compactMap { $0 as? String }
      .filter {
        (try? FileManager.default.attributesOfItem(atPath: "\(base)/\($0)")[.type] as? FileAttributeType)
          == .typeRegular
      }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }
}
