import HostKit
import Pages

/// One file for each page, in a folder; each appears whole or not at all.
struct FolderSink: PageSink {
  let folder: String
  let naming: PageNaming
  let overlay: OverlayTarget?
  /// Pages whose files are there are left as they are.
  let resumes: Bool

  func has(_ task: PageTask) throws -> Bool {
    try overlay?.check(task)
    return resumes && Files.exists(path(of: task)) && overlay.map { Files.exists($0.path(of: task)) } ?? true
  }

  func prepare(_ task: PageTask, _ reading: PageOutcome.Reading) throws {
    try naming.keepImage(of: task, reading)
    try overlay?.write(task, reading)
    let bytes: [UInt8]
    do {
      bytes = try PageWriter.file([naming.printed(task, reading)], as: naming.format)
    } catch let error as PageFormatError { throw PageFailure(error.description) }
    let path = path(of: task)
    try Files.makeFolder(Files.parent(of: path))
    try Files.write(bytes, to: path)
  }

  func write(_ task: PageTask, _ reading: PageOutcome.Reading) {}

  func path(of task: PageTask) -> String { "\(folder)/\(task.stem).\(naming.format.fileExtension)" }
}
