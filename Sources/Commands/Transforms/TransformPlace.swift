import Client
import HostKit

/// Where a job's inputs and outputs lie: at s3:// as they were named, or in the default bucket below the job's name while
/// the job works on local ones.
struct TransformPlace {
  private static let mostFiles = 1_000_000

  let bucket: String
  let job: String
  let client: DaemonClient

  private var folderKey: String { "transforms/\(job)" }

  /// The URI of the inputs; local ones are stored first.
  func source(of input: String) throws -> String {
    if input.hasPrefix("s3://") { return input }
    let path = absolutePath(input)
    guard let real = Files.realPath(path), let status = try Files.status(real) else {
      throw Failure(
        "INPUT \(path)", "there is no such file or folder", advice: "Check the path, or give s3://BUCKET/PREFIX.")
    }
    var files: [(path: String, name: String)] = []
    if status.kind == .folder {
      try collect(real, below: "", into: &files)
    } else {
      files = [(real, Files.name(of: path))]
    }
    guard !files.isEmpty else { throw Failure("INPUT \(path)", "it holds no files") }
    let terminal = Terminal.current
    for (index, file) in files.enumerated() {
      if terminal.notesOnScreen { terminal.passing("Storing \(index + 1) of \(files.count): \(file.name)") }
      _ = try client.putObject(bucket: bucket, key: "\(folderKey)/input/\(file.name)", file: file.path)
    }
    terminal.clearPassing()
    return "s3://\(bucket)/\(folderKey)/input/"
  }

  private func collect(
    _ folder: String, below prefix: String, into files: inout [(path: String, name: String)]
  ) throws {
    for name in try Files.names(in: folder) where !name.hasPrefix(".") {
      let path = "\(folder)/\(name)"
      // A link is what it leads to; one that leads nowhere, or is no file, is left out.
      guard let real = Files.realPath(path), let kind = try Files.status(real)?.kind else { continue }
      if kind == .folder, try Files.status(path)?.kind == .folder {
        try collect(path, below: "\(prefix)\(name)/", into: &files)
      } else if kind == .file {
        guard files.count < Self.mostFiles else {
          throw Failure("INPUT \(folder)", "it holds more than \(Self.mostFiles) files", advice: "Split it.")
        }
        files.append((real, prefix + name))
      }
    }
  }

  func target(of output: String) -> String {
    output.hasPrefix("s3://") ? output : "s3://\(bucket)/\(folderKey)/output"
  }

  /// The local folder for the outputs; nil: they stay where they are.
  func folder(of output: String) -> String? { output.hasPrefix("s3://") ? nil : absolutePath(output) }
}

/// Brings a job's outputs into a local folder.
struct TransformFetch {
  let job: String
  let client: DaemonClient
  let folder: String

  /// Each file appears whole. Answers how many there are.
  func run() throws -> Int {
    var (after, count) = ("", 0)
    while true {
      let page = try client.persistently { try client.outputs(ofTransformJob: job, after: after) }
      guard let last = page.last else { return count }
      after = last.name
      for output in page {
        let target = "\(folder)/\(try safe(output.name))"
        try Files.makeFolder(Files.parent(of: target))
        try copy(output.path, to: target)
        count += 1
      }
    }
  }

  /// Keys are not ours: none may lead out of the folder.
  private func safe(_ name: String) throws -> String {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isFine = parts.allSatisfy { part in
      !part.isEmpty && part.count <= 255 && !part.contains(0) && !part.elementsEqual(".".utf8)
        && !part.elementsEqual("..".utf8)
    }
    guard isFine else {
      throw Failure(
        "output \(name)", "its name cannot be a file's below \(folder)", advice: "It stays in the bucket.",
        status: .troubled)
    }
    return name
  }

  private func copy(_ source: String, to target: String) throws {
    let temporary = "\(target).part"
    try FileCopy.copy(source, to: temporary)
    try Files.rename(temporary, to: target, durable: false)
  }
}
