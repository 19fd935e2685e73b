/// SageMaker's script mode: which program to start for a script of the user's, and what it finds in its environment.
///
/// Follows the toolkit that runs inside AWS's containers, so that a script cannot tell the difference.
public enum ScriptMode {
  /// A program to start. `arguments` come after the program's own name.
  public struct Command: Sendable, Equatable {
    public let executable: String
    public let arguments: [String]
    public let workingFolder: String

    public init(executable: String, arguments: [String], workingFolder: String) {
      self.executable = executable
      self.arguments = arguments
      self.workingFolder = workingFolder
    }
  }

  /// What to do about a `requirements.txt` beside the script, as there is no network to install from.
  public enum RequirementsPolicy: Sendable, Equatable {
    /// Run the script; what it needs is expected to be there.
    case ignore
    /// Install from a folder of wheels, or only check that everything is there (nil). What is missing ends the job with
    /// pip's own message.
    case offline(wheelFolder: String?)
    /// Refuse the job.
    case refuse
  }

  /// What lies in the code folder, as far as it changes the command.
  public struct Source: Sendable, Equatable {
    public var hasEntryPoint: Bool
    public var hasSetup: Bool
    public var hasRequirements: Bool

    public init(hasEntryPoint: Bool = true, hasSetup: Bool = false, hasRequirements: Bool = false) {
      self.hasEntryPoint = hasEntryPoint
      self.hasSetup = hasSetup
      self.hasRequirements = hasRequirements
    }
  }

  /// Where `RequirementsPolicy.offline` installs to.
  public static func dependencies(_ layout: TrainingLayout) -> String { dependencies(base: layout.base) }

  static func dependencies(base: String) -> String { "\(base)/deps" }

  /// - Parameter python: the interpreter, by path or by a name in `PATH`.
  public static func command(
    _ context: TrainingContext, source: Source, python: String, requirements: RequirementsPolicy
  ) throws(ScriptModeError) -> Command {
    let entryPoint = try ScriptModeEntryPoint(context.program, source: source)
    let arguments = context.userArguments
    guard !arguments.contains(where: { $0.utf8.contains(0) }) else {
      throw ScriptModeError(
        "A hyperparameter has a NUL character, which no program can be given. Take it out.")
    }
    let words: [String]
    switch entryPoint {
    case .command(let file):
      // Archives may have lost the permission to execute.
      let quoted = ShellText.quoted(file)
      let line = (["exec ./\(quoted)"] + arguments.map(ShellText.quoted)).joined(separator: " ")
      words = ["/bin/sh", "-c", "chmod u+rx ./\(quoted) && \(line)"]
    case .module(let name): words = [python, "-m", name] + arguments
    case .script(let file): words = [python, file] + arguments
    }
    let isPython = if case .command = entryPoint { false } else { true }
    let all =
      isPython && source.hasRequirements
      ? try installing(requirements, to: dependencies(context.layout), python: python, then: words) : words
    return Command(
      executable: all[0], arguments: Array(all.dropFirst()), workingFolder: context.layout.code)
  }

  /// The whole environment of a script's process.
  ///
  /// - Parameter path: where programs are found (`PATH`), unless the request has its own.
  public static func environment(_ context: TrainingContext, path: String) -> [String: String] {
    var variables = WorkerEnvironment.base(context, path: path)
    let asked = variables["PYTHONPATH"].map { $0.isEmpty ? [] : [$0] } ?? []
    variables["PYTHONPATH"] = ([context.layout.code] + asked).joined(separator: ":")
    return variables
  }

  /// The words of a command that sees to `requirements.txt` of its working folder first.
  ///
  /// - Parameter dependencies: the folder that gets what is installed.
  static func installing(
    _ policy: RequirementsPolicy, to dependencies: String, python: String, then words: [String]
  ) throws(ScriptModeError) -> [String] {
    switch policy {
    case .ignore: return words
    case .refuse:
      throw ScriptModeError(
        "The source has a requirements.txt, and the settings refuse to install anything. Remove the file, or set "
          + "the requirements policy to `offline` or `ignore`.")
    case .offline(let wheelFolder):
      let folder = ShellText.quoted(dependencies)
      let wheels = wheelFolder.map { " --find-links " + ShellText.quoted($0) } ?? ""
      // pip decides where packages go below the prefix; both layouts that exist are looked for.
      let line = """
        \(ShellText.quoted(python)) -m pip install --no-index\(wheels) --no-input --disable-pip-version-check \
        --no-warn-script-location --prefix \(folder) -r requirements.txt || exit 1
        for f in \(folder)/lib*/python*/site-packages \(folder)/local/lib*/python*/dist-packages; do
          if [ -d "$f" ]; then PYTHONPATH="$PYTHONPATH:$f"; fi
        done
        export PYTHONPATH PATH=\(folder)/bin:\(folder)/local/bin:"$PATH"
        exec "$@"
        """
      return ["/bin/sh", "-c", line, "script-mode"] + words
    }
  }
}

/// Why a script cannot be run: the request's fault, told before anything is started.
public struct ScriptModeError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Words for `/bin/sh`.
enum ShellText {
  /// The word as the shell must read it: bare where nothing in it is special, else in single quotes.
  static func quoted(_ word: String) -> String {
    let plain = "_@%+=:,./-"
    let isPlain = word.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
        || plain.unicodeScalars.contains($0)
    }
    if isPlain, !word.isEmpty { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\"'\"'") + "'"
  }
}
