/// What somebody may have meant who typed a command that there is not.
enum CommandGuess {
  /// What other tools call ours.
  private static let otherWords = [
    "train": "fit", "create": "fit", "run": "fit", "list": "jobs", "ls": "jobs", "ps": "jobs",
    "status": "daemon status",
    "start": "daemon start", "log": "logs", "follow": "attach", "tail": "attach", "serve": "deploy",
    "predict": "invoke",
    "undeploy": "delete endpoint", "rm": "delete", "cancel": "stop", "kill": "stop", "ocr": "read",
    "batch": "transform",
  ]

  /// The failure to tell, when the first word is none of the commands; options are not looked at.
  static func failure(of arguments: [String], commands: [String]) -> Failure? {
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.contains(word) else { return nil }
    let guess = otherWords[word] ?? nearest(to: word, among: commands)
    return Failure(
      "command line", "there is no command '\(word)'",
      advice: (guess.map { "Did you mean `htrctl \($0)`? " } ?? "") + "`htrctl --help` lists all commands.")
  }

  /// The command that is at most two typing errors away, and fewer than it has letters.
  private static func nearest(to word: String, among commands: [String]) -> String? {
    let close = commands.map { (name: $0, errors: errors(from: Array(word.utf8), to: Array($0.utf8))) }
      .min { $0.errors < $1.errors }
    guard let close, close.errors <= 2, close.errors < close.name.utf8.count - 1 else { return nil }
    return close.name
  }

  /// Letters to insert, leave out or replace (Levenshtein's distance).
  private static func errors(from word: [UInt8], to name: [UInt8]) -> Int {
    guard word.count <= 40 else { return .max }
    var row = Array(0...name.count)
    for (index, letter) in word.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (place, other) in name.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[place + 1]
        row[place + 1] = min(replaced, row[place] + 1, row[place + 1] + 1)
      }
    }
    return row[name.count]
  }
}
