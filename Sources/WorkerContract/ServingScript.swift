import HostKit

/// SageMaker's inference script mode: the program that serves a user's `model_fn` and its kin.
public enum ServingScript {
  /// - Parameters:
  ///   - python: the interpreter, by path or by a name in `PATH`.
  ///   - script: the path of our `serve.py`.
  /// - Throws: `ScriptModeError` when the code folder lacks what the request names; the message says what is there.
  public static func command(
    python: String, script: String, _ context: ServingContext, requirements: ScriptMode.RequirementsPolicy
  ) throws(ScriptModeError) -> ScriptMode.Command {
    let program = try program(context)
    var words = [
      python, "-u", script, "--model-dir", context.layout.model, "--code-dir", context.code, "--program", program,
      "--socket", context.socket,
    ]
    if let workers = try number("SAGEMAKER_MODEL_SERVER_WORKERS", 1...64, context) {
      words += ["--workers", String(workers)]
    }
    if let seconds = try number("SAGEMAKER_MODEL_SERVER_TIMEOUT", 1...86_400, context) {
      words += ["--timeout", String(seconds)]
    }
    if try isFile("\(context.code)/requirements.txt") {
      words = try ScriptMode.installing(requirements, to: dependencies(context.layout), python: python, then: words)
    }
    return ScriptMode.Command(
      executable: words[0], arguments: Array(words.dropFirst()), workingFolder: context.code)
  }

  /// Where `RequirementsPolicy.offline` installs to.
  public static func dependencies(_ layout: ServingLayout) -> String { ScriptMode.dependencies(base: layout.base) }

  /// The script, as a path in the code folder. `SAGEMAKER_PROGRAM` may leave out `.py`.
  private static func program(_ context: ServingContext) throws(ScriptModeError) -> String {
    let asked = context.program
    try ScriptModeEntryPoint.check(asked)
    for name in asked.hasSuffix(".py") ? [asked] : [asked + ".py", asked] {
      let path = "\(context.code)/\(name)"
      if try isFile(path) {
        guard name.hasSuffix(".py") else { break }
        return name
      }
    }
    throw ScriptModeError(
      "There is no inference script \(asked) in \(context.code), where there is: \(try contents(context.code)). Put it "
        + "into the folder code/ of the model archive, or name another file of that folder in the container's "
        + "environment variable SAGEMAKER_PROGRAM.")
  }

  private static func isFile(_ path: String) throws(ScriptModeError) -> Bool {
    do throws(SystemError) {
      return try Files.status(path)?.kind == .file
    } catch { throw ScriptModeError("The code of the model cannot be read: \(error)") }
  }

  /// The names in a folder, for a message.
  private static func contents(_ folder: String) throws(ScriptModeError) -> String {
    do throws(SystemError) {
      guard Files.exists(folder) else { return "nothing, not even the folder" }
      let names = try Files.names(in: folder)
      let shown = names.prefix(20).map { PythonValue.repr($0) }.joined(separator: ", ")
      return names.isEmpty ? "nothing" : shown + (names.count > 20 ? " and \(names.count - 20) more" : "")
    } catch { throw ScriptModeError("The code of the model cannot be read: \(error)") }
  }

  private static func number(
    _ name: String, _ range: ClosedRange<Int>, _ context: ServingContext
  ) throws(ScriptModeError) -> Int? {
    guard let text = context.environment[name], !text.isEmpty else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw ScriptModeError(
        "The container's environment variable \(name) must be a whole number from \(range.lowerBound) to "
          + "\(range.upperBound), not \(PythonValue.repr(String(text.prefix(100)))).")
    }
    return value
  }
}
