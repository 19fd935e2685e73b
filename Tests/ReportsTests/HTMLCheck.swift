import Foundation
import HostKit
import Testing

/// Looks at HTML with what the machine has: xmllint, and a browser where there is one.
enum HTMLCheck {
  private static let parser = "/usr/bin/xmllint"
  private static let browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

  /// Nothing that xmllint's parser for HTML 4 stumbles over, but for the elements that are younger than it.
  static func wellFormed(_ html: String) throws {
    guard Files.exists(parser) else { return print("skipped: xmllint is not installed") }
    let folder = try scratchFolder()
    defer { try? Files.remove(folder) }
    try Files.write(html, to: "\(folder)/page.html", durable: false)
    let found = try run(parser, ["--html", "--huge", "--noout", "\(folder)/page.html"])
    let faults = found.notes.split(separator: "\n").filter { $0.contains("error") && !$0.contains("Tag ") }
    #expect(faults.isEmpty, "\(faults)")
  }

  /// The document as it stands after its scripts have run and `script` after them; nil without a browser.
  static func rendered(_ html: String, then script: String) throws -> String? {
    guard let browser = browsers.first(where: Files.exists) else {
      print("skipped: no browser is installed")
      return nil
    }
    let folder = try scratchFolder()
    defer { try? Files.remove(folder) }
    let page = html.replacing("</body>", with: "<script>\(script)</script></body>")
    try Files.write(page, to: "\(folder)/page.html", durable: false)
    let result = try run(
      browser,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder)/profile",
        "--virtual-time-budget=5000", "--dump-dom", "file://\(folder)/page.html",
      ])
    return result.output
  }

  static func scratchFolder() throws -> String {
    let folder = "\(NSTemporaryDirectory())/htr-reports-\(Identifier.random(bytes: 6))"
    try Files.makeFolder(folder, mode: 0o700)
    return folder
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> (output: String, notes: String) {
    let folder = try scratchFolder()
    defer { try? Files.remove(folder) }
    // Into files: two full pipes would wait for each other.
    let paths = ["\(folder)/output", "\(folder)/notes"]
    for path in paths { try Files.write("", to: path, durable: false) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: paths[0])
    process.standardError = FileHandle(forWritingAtPath: paths[1])
    try process.run()
    process.waitUntilExit()
    return (try Files.readText(paths[0], limit: 1 << 24), try Files.readText(paths[1], limit: 1 << 24))
  }
}
