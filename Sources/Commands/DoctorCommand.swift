import ArgumentParser
import JSONKit

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine and the daemon; say what to do about what is wrong.",
    discussion: """
      Ends with 0 unless a check failed (6). Warnings cost speed or comfort only.

      EXAMPLES:
        htrctl doctor
        htrctl doctor --output json
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let findings = Examination(home: common.homeFolder, client: common.client).findings()
    if common.isJSON {
      printJSON(["Checks": .array(findings.map(\.json))])
    } else {
      show(findings)
    }
    if findings.contains(where: { $0.grade == .fail }) { throw ExitStatus.troubled }
  }

  private func show(_ findings: [Finding]) {
    let terminal = Terminal.current
    for finding in findings {
      let mark = finding.grade.rawValue
      let space = String(repeating: " ", count: 6 - mark.count)
      terminal.print(
        terminal.styled(mark, finding.grade.style) + space + "\(finding.subject): \(finding.result)")
      if !finding.advice.isEmpty { terminal.print("      \(finding.advice)") }
    }
  }
}

/// The result of one check.
struct Finding: Equatable {
  enum Grade: String {
    case ok, warn, fail

    var style: Terminal.Style {
      switch self {
      case .ok: .green
      case .warn: .yellow
      case .fail: .red
      }
    }
  }

  let grade: Grade
  let subject: String
  let result: String
  /// What to do; empty when all is well.
  var advice = ""

  var json: JSON {
    .members([
      "Check": .string(subject), "Grade": .string(grade.rawValue), "Result": .string(result),
      "Advice": advice.isEmpty ? nil : .string(advice),
    ])
  }
}
