import Glibc
import HostKit
import WorkerContract

/// Files below a folder.
enum FileSearch {
  private static let deepest = 8

  /// Paths relative to the folder, sorted, of the files that are wanted.
  static func files(
    below folder: String, limit: Int, where isWanted: (String) -> Bool
  ) throws -> [String] {
    var found: [String] = []
    var open = [(path: "", depth: 0)]
    while let next = open.popLast() {
      for name in try Files.names(in: "\(folder)/\(next.path)") {
        let path = next.path.isEmpty ? name : "\(next.path)/\(name)"
        if isWanted(name) {
          found.append(path)
        } else if next.depth < deepest, isFolder("\(folder)/\(path)") {
          open.append((path, next.depth + 1))
        }
        guard found.count <= limit else {
          throw AlgorithmFailure(.badData, "There are more than \(limit) files to read below \(folder).")
        }
      }
    }
    return found.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
