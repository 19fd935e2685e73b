import HostKit
import JSONKit

/// What unpacked models are for, by the `algorithm` in their `config.json`: a model behind an image of another algorithm
/// would answer other questions than its clients ask.
enum ModelKind {
  private static let mostConfigurationBytes = 1 << 20
  /// Entries of a folder that are looked at for models.
  private static let mostEntries = 1_000

  /// - Parameter folders: each is a model, or holds models as its subfolders.
  static func check(_ folders: [String], serve wanted: Set<String>) throws {
    let found = Set(try folders.flatMap { try algorithms(in: $0) })
    guard found != wanted else { return }
    let names = found.isEmpty ? "no model of ours (no config.json with an algorithm)" : list(found)
    throw WorkerRefusal(
      "The image serves \(list(wanted)), but the archive holds \(names). Deploy it with its own image.")
  }

  private static func algorithms(in folder: String) throws -> [String] {
    if let own = try algorithm(in: folder) { return [own] }
    return try Files.names(in: folder).prefix(mostEntries).compactMap { name in
      let inner = "\(folder)/\(name)"
      return try Files.status(inner)?.kind == .folder ? try algorithm(in: inner) : nil
    }
  }

  private static func algorithm(in folder: String) throws -> String? {
    let path = "\(folder)/config.json"
    guard Files.exists(path) else { return nil }
    // A text that is no JSON names no algorithm; the worker would say the same later.
    return (try? JSON(parsing: try Files.read(path, limit: mostConfigurationBytes)))?["algorithm"]?.string
  }

  private static func list(_ names: Set<String>) -> String { names.sorted().joined(separator: " and ") }
}
