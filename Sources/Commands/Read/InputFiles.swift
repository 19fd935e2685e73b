import HostKit

/// A file that pages come from.
struct InputFile: Equatable {
  /// nil: standard input.
  let path: String?
  /// As people know it, and as outputs name it.
  let name: String
  /// What its outputs are called, below their folder, without an extension: the place below the folder that was given.
  let stem: String

  static let standardInput = InputFile(path: nil, name: "standard input", stem: "standard-input")
}

/// What is to be read: files, folders with all that is below them, and `-` for standard input.
enum InputFiles {
  /// What a folder's files must be called to count; a file that is named itself may be called anything.
  private static let extensions: Set<String> = ["jpg", "jpeg", "png", "pdf", "tif", "tiff"]
  private static let deepest = 32
  private static let most = 1_000_000

  /// In the order given, and by name within a folder.
  static func find(_ arguments: [String]) throws -> [InputFile] {
    guard arguments.count(where: { $0 == "-" }) <= 1 else {
      throw Failure("-", "standard input can be read once only")
    }
    var files: [InputFile] = []
    for argument in arguments {
      if argument == "-" {
        files.append(.standardInput)
      } else if try isFolder(argument) {
        let before = files.count
        try add(folder: argument, below: "", depth: 0, to: &files)
        guard files.count > before else {
          throw Failure(
            "read \(argument)", "the folder has no pages",
            advice: "Files that end in \(extensions.sorted().joined(separator: ", ")) count.")
        }
      } else {
        files.append(InputFile(path: argument, name: argument, stem: stem(of: Files.name(of: argument))))
      }
    }
    return distinct(files)
  }

  private static func isFolder(_ path: String) throws -> Bool {
    guard let real = Files.realPath(path), let status = try Files.status(real) else {
      throw Failure("read \(path)", "there is no such file or folder")
    }
    return status.kind == .folder
  }

  private static func add(folder: String, below: String, depth: Int, to files: inout [InputFile]) throws {
    guard depth <= deepest else { throw Failure("read \(folder)", "its folders are nested deeper than \(deepest)") }
    for name in try Files.names(in: folder) where !name.hasPrefix(".") {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      switch try Files.status(path)?.kind {
      // Links to folders are not followed: they may lead in circles.
      case .folder: try add(folder: path, below: "\(below)\(name)/", depth: depth + 1, to: &files)
      case .file where isKnown(name), .link where isKnown(name):
        guard files.count < most else { throw Failure("read \(folder)", "there are more than \(most) files") }
        files.append(InputFile(path: path, name: path, stem: below + stem(of: name)))
      default: break
      }
    }
  }

  private static func isKnown(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return extensions.contains(name[name.index(after: dot)...].lowercased())
  }

  private static func stem(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// No two files have one stem: the first keeps it, later ones get their whole name or a number too.
  private static func distinct(_ files: [InputFile]) -> [InputFile] {
    var taken: Set<String> = []
    return files.map { file in
      var stem = file.stem
      if taken.contains(stem), let path = file.path {
        stem = stem.dropLastComponent + Files.name(of: path)
      }
      var number = 2
      let plain = stem
      while !taken.insert(stem).inserted {
        stem = "\(plain)-\(number)"
        number += 1
      }
      return InputFile(path: file.path, name: file.name, stem: stem)
    }
  }
}

extension String {
  /// With its slash; empty where there is none.
  fileprivate var dropLastComponent: String {
    lastIndex(of: "/").map { String(self[...$0]) } ?? ""
  }
}
