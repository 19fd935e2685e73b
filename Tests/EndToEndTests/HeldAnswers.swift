import HostKit
import Testing

/// What was held against botocore's models of all that a program's clients saw, whoever made them.
struct HeldAnswers {
  private let file: String

  init(in folder: String, _ environment: inout [String: String]) {
    file = "\(folder)/answers"
    environment["HTR_FAULTS"] = file
    environment["PYTHONPATH"] = Python.program("held")
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
  }

  /// - Parameter services: whose answers there must be among them.
  func check(services expected: Set<String>) throws {
    // A program that speaks HTTP itself has no botocore to tell.
    guard !expected.isEmpty || Files.exists(file) else { return }
    let lines = try Files.readText(file, limit: 1 << 24).split(separator: "\n")
    let faults = Set(lines.filter { $0.hasPrefix("fault ") })
    #expect(faults.isEmpty, "\(faults.sorted().joined(separator: "\n"))")
    let services = Set(lines.filter { $0.hasPrefix("answer ") }.map { String($0.split(separator: " ")[1]) })
    #expect(services.isSuperset(of: expected), "\(services)")
  }
}
