import Handwriting
import HostKit
import JSONKit

/// The lines of a manifest as they stand, with all that other programs keep in them.
struct ManifestLines {
  struct Line {
    /// Counted from 1.
    let number: Int
    var members: JSON.Object
    var source: String { members["source-ref"]?.string ?? "" }
  }

  /// Lines that are JSON objects; what else is wrong with a line is for `Manifest.read` to say.
  let lines: [Line]
  private static let maximumBytes = 1 << 30

  init(path: String) throws {
    let bytes = try Files.read(path, limit: Self.maximumBytes)
    lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
      .compactMap { index, line in
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = Array(index == 0 && line.starts(with: mark) ? line.dropFirst(3) : line)
        // A line that is no JSON is a fault that the manifest's reader has told already.
        guard let members = (try? JSON(parsing: text))?.object else { return nil }
        return Line(number: index + 1, members: members)
      }
  }
}

/// Where the image of a manifest's line is.
enum ImagePlace: Equatable {
  case file(String)
  /// In a bucket: not looked at from here.
  case bucket(String)

  /// - Parameter folder: the manifest's, absolute.
  init(source: String, folder: String) {
    self = source.hasPrefix("s3://") ? .bucket(source) : .file(absolutePath(source, from: folder))
  }

  /// How a manifest in `folder` names this image: without the folder where the image is below it.
  func source(in folder: String) -> String {
    switch self {
    case .bucket(let address): address
    case .file(let path): path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
    }
  }
}
