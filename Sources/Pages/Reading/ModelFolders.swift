import Handwriting
import HostKit
import JSONKit
import Segmentation

/// Which folders hold the models of a worker: at most one that finds words and one that reads them.
public struct ModelFolders: Sendable, Equatable {
  public private(set) var segmentation: String?
  public private(set) var recognition: String?

  private static let mostConfigurationBytes = 1 << 20
  /// Entries of a folder that are looked at for models.
  private static let mostEntries = 1_000

  /// Each folder is a model, or holds models as its subfolders. What a model is for is said by `algorithm` in its
  /// `config.json`.
  /// - Throws: when there is no model, one of an algorithm that does not serve, or two for the same.
  public init(_ folders: [String]) throws {
    for folder in folders {
      if Files.exists(Self.configuration(in: folder)) {
        try add(folder)
      } else {
        try addSubfolders(of: folder)
      }
    }
    guard segmentation != nil || recognition != nil else {
      throw ModelFileError(
        "the model", "no folder is given: name the folder that a training job left")
    }
  }

  private static func configuration(in folder: String) -> String {
    "\(folder)/\(RecognitionModel.File.configuration)"
  }

  private mutating func addSubfolders(of folder: String) throws {
    let names = try Files.names(in: folder).prefix(Self.mostEntries)
    let models = names.map { "\(folder)/\($0)" }.filter { Files.exists(Self.configuration(in: $0)) }
    guard !models.isEmpty else {
      throw ModelFileError(
        folder,
        "there is no \(RecognitionModel.File.configuration) in it, nor in a folder in it: it is not a model"
      )
    }
    for model in models { try add(model) }
  }

  private mutating func add(_ folder: String) throws {
    let path = Self.configuration(in: folder)
    let bytes = try Files.read(path, limit: Self.mostConfigurationBytes)
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw ModelFileError(path, "\(error)") }
    switch json["algorithm"]?.string {
    case SegmentationConfiguration.algorithm: try set(\.segmentation, to: folder)
    case RecognitionConfiguration.algorithm: try set(\.recognition, to: folder)
    case let other:
      throw ModelFileError(
        path,
        "its algorithm is '\((other ?? "none").prefix(100))'; \(SegmentationConfiguration.algorithm) and "
          + "\(RecognitionConfiguration.algorithm) are served")
    }
  }

  private mutating func set(_ place: WritableKeyPath<ModelFolders, String?>, to folder: String)
    throws
  {
    if let other = self[keyPath: place] {
      throw ModelFileError(
        folder, "it is for the same as \(other): give one model for each algorithm")
    }
    self[keyPath: place] = folder
  }
}
