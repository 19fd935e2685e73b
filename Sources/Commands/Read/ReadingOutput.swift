import HostKit
import Pages

/// Where what is read goes, by the options of the command.
struct ReadingOutput {
  let sink: any PageSink
  /// True when an ended run leaves something that can be gone on with.
  let grows: Bool
  private let stream: StreamSink?

  /// - Throws: `Failure` for options that do not go together.
  init(_ command: ReadCommand, files: [InputFile]) throws {
    let overlay = try command.overlay.map { try OverlayTarget($0, format: command.overlayFormat) }
    let format = command.format
    guard let output = command.output, output != "-" else {
      self.init(stream: try Self.standardOutput(format, files, overlay))
      return
    }
    let path = absolutePath(output)
    if try output.hasSuffix("/") || Self.isFolder(path) {
      let naming = PageNaming(format: format, folder: path, imageFolder: path)
      self.init(folder: FolderSink(folder: path, naming: naming, overlay: overlay, resumes: command.resume))
      return
    }
    try Self.checkOneFile(format, files)
    let hasLines = format == .json || format == .manifest
    guard hasLines || !command.resume else {
      throw Failure(
        "--resume", "a file of --format \(format.rawValue) cannot be gone on with",
        advice: "Give --output FOLDER/, or --format json or manifest.")
    }
    let naming = PageNaming(format: format, folder: Files.parent(of: path), imageFolder: "\(path)-pages")
    if hasLines {
      let file = try GrowingFile(path, resumes: command.resume)
      self.init(stream: StreamSink(file, naming: naming, overlay: overlay, done: file.sources), grows: true)
    } else {
      self.init(stream: StreamSink(try WholeFile(path), naming: naming, overlay: overlay))
    }
  }

  private init(folder: FolderSink) {
    sink = folder
    grows = true
    stream = nil
  }

  private init(stream: StreamSink, grows: Bool = false) {
    self.stream = stream
    self.grows = grows
    sink = stream
  }

  /// Completes a file or stream of many pages.
  func finish() throws { try stream?.finish() }

  private static func standardOutput(
    _ format: PageFormat, _ files: [InputFile], _ overlay: OverlayTarget?
  ) throws -> StreamSink {
    try checkOneFile(format, files)
    let terminal = Terminal.current
    guard format != .pdf || terminal.width == nil else {
      throw Failure("--format pdf", "a PDF is nothing to look at in a terminal", advice: "Give --output FILE.pdf.")
    }
    let naming = PageNaming(format: format, folder: nil, imageFolder: nil)
    return StreamSink(StandardOutput(terminal: terminal), naming: naming, overlay: overlay)
  }

  private static func checkOneFile(_ format: PageFormat, _ files: [InputFile]) throws {
    guard format.holdsManyPages || files.count == 1 else {
      throw Failure.onePageEach(format, "\(files.count) are to be read")
    }
  }

  private static func isFolder(_ path: String) throws -> Bool {
    guard let real = Files.realPath(path) else { return false }
    return try Files.status(real)?.kind == .folder
  }
}
