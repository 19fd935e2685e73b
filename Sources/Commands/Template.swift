/// The variables of a job file: `${NAME}`, `${NAME:-default}`; `$${` is a plain `${`.
///
/// A variable is filled into one value after the file has been parsed, so that no value, whatever it holds, can
/// change the file's structure.
struct Template {
  /// Values by name: `--set` before the environment.
  let variables: [String: String]

  init(settings: [Assignment], environment: [String: String]) {
    variables = environment.merging(settings.map { ($0.name, $0.value) }) { $1 }
  }

  /// A text with its variables filled in. `line` (from 1) is where the text stands, for the error's sake.
  func fill(_ text: String, line: Int?) throws(Failure) -> String {
    guard text.contains("${") else { return text }
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      let before = rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      if before.last == "$" {
        result += before.dropLast() + "${"
        continue
      }
      result += before
      guard let end = rest.firstIndex(of: "}") else {
        throw failure("`${` without `}`", line)
      }
      result += try value(of: rest[..<end], line: line)
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private func value(of expression: Substring, line: Int?) throws(Failure) -> String {
    let separator = expression.firstRange(of: ":-")
    let name = separator.map { expression[..<$0.lowerBound] } ?? expression
    guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    else { throw failure("`${\(expression)}` names no variable", line) }
    // As in a shell, an empty value counts as absent where there is a default.
    if let value = variables[String(name)], separator == nil || !value.isEmpty { return value }
    if let separator { return String(expression[separator.upperBound...]) }
    throw failure(
      "the variable \(name) has no value", line,
      advice: "Give one with --set \(name)=VALUE, or write ${\(name):-default}.")
  }

  private func failure(_ why: String, _ line: Int?, advice: String = "") -> Failure {
    Failure(line.map { "line \($0)" } ?? "job file", why, advice: advice)
  }
}
