public import HostKit

/// How a script is started, by the name that the request gives it.
enum ScriptModeEntryPoint: Equatable {
  /// `python FILE`
  case script(String)
  /// `python -m MODULE`
  case module(String)
  /// `./FILE`
  case command(String)

  init(_ name: String?, source: ScriptMode.Source) throws(ScriptModeError) {
    guard let name, !name.isEmpty else {
      throw ScriptModeError(
        "There is no script to run. Set the hyperparameter sagemaker_program (`htrctl fit --entry-point`) to a file "
          + "of the source folder, for example train.py.")
    }
    try Self.check(name)
    let bare = name.hasSuffix(".py") ? String(name.dropLast(3)) : name
    if name.hasSuffix(".sh") {
      self = .command(name)
    } else if source.hasSetup {
      self = .module(bare.split(separator: "/").joined(separator: "."))
    } else if name.hasSuffix(".py") {
      self = .script(name)
    } else if source.hasEntryPoint {
      self = .command(name)
    } else {
      self = .module(name)
    }
    if case .module(let module) = self {
      guard module.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isIdentifier)
      else { throw ScriptModeError("There is no script \(name) in the source, and it names no Python module.") }
    } else if !source.hasEntryPoint {
      throw ScriptModeError(
        "There is no script \(name) in the source. Name a file relative to the source folder.")
    }
  }

  /// Names that stay in the source folder and that no program can take for an option.
  static func check(_ name: String) throws(ScriptModeError) {
    let isSafe = name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "._+-/".unicodeScalars.contains($0))
    }
    guard isSafe, !name.hasPrefix("-"), !name.hasPrefix("/"), name.utf8.count <= 1024,
      name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ $0 != "" && $0 != "." && $0 != ".." })
    else {
      throw ScriptModeError(
        "The entry point \(PythonValue.repr(name)) cannot be used. It must be a path inside the source folder, "
          + "without `.` or `..`, of letters, digits and . _ + - /, and not begin with - or /.")
    }
  }

  private static func isIdentifier(_ word: Substring) -> Bool {
    guard let first = word.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
    return word.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_")
    }
  }
}

extension ScriptMode.Source {
  /// Looks at the code folder of a job. The only part of script mode that touches the disk.
  public init(of context: TrainingContext) throws(SystemError) {
    let code = context.layout.code
    let isFile = { (name: String) throws(SystemError) -> Bool in
      try Files.status("\(code)/\(name)")?.kind == .file
    }
    self.init(
      hasEntryPoint: try context.program.map(isFile) ?? false, hasSetup: try isFile("setup.py"),
      hasRequirements: try isFile("requirements.txt"))
  }
}
