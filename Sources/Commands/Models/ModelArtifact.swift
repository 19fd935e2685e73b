import ArchiveKit
import Client
import Glibc
import HostKit
import JSONKit

/// The files of a model: where the daemon finds them, and where they lie on this machine.
struct ModelArtifact {
  /// As the user named it.
  let text: String
  /// As the daemon can be told; nil for what it has not got yet.
  let uri: String?
  /// On this machine; nil when it cannot be found here.
  let path: String?
  /// By the job's record; nil when nobody recorded it.
  var sha256: String?

  /// - Throws: `Failure` when the source has no files (yet), or several archives.
  init(_ source: ModelSource, client: DaemonClient) throws {
    text = source.text
    switch source.origin {
    case .job(let record):
      guard ["Completed", "Stopped"].contains(record.status),
        let uri = record.job["ModelArtifacts"]?["S3ModelArtifacts"]?.string
      else {
        throw Failure(
          "model of job \(record.name)", "the job is \(record.status): it has no model",
          advice: record.hasEnded
            ? "`htrctl describe \(record.name)` tells why." : "Wait for it: htrctl wait job \(record.name).")
      }
      self.uri = uri
      path = record.htr["ModelArtifactPath"]?.string
      sha256 = record.htr["ModelArtifactSha256"]?.string
    case .model(let record):
      let archives = record.containers.compactMap { $0["ModelDataUrl"]?.string }
      guard archives.count == 1 else {
        throw Failure(
          "model \(record.name)", "it has \(archives.count) archives", advice: "Name one of them: s3://BUCKET/KEY.")
      }
      uri = archives[0]
      path = Self.path(ofURI: archives[0], home: client.home)
      sha256 = record.htr["Containers"]?[0]?["Sha256"]?.string
    case .uri(let uri):
      self.uri = uri
      path = Self.path(ofURI: uri, home: client.home)
    case .file(let path), .folder(let path):
      uri = nil
      self.path = path
    }
  }

  /// The path, for commands that cannot do without the files.
  func requirePath() throws -> String {
    if let path, Files.isReadable(path) { return path }
    throw Failure(
      "model \(text)", "its archive \(uri ?? path ?? "") cannot be found on this machine",
      advice: "Is it the right name, and the right --home?")
  }

  var isFolder: Bool {
    // What cannot be looked at is told when it is opened.
    path.flatMap { (try? Files.status($0)) ?? nil }?.kind == .folder
  }

  /// Lends a folder with the model's files: the folder itself, or one that the archive is unpacked into for this time.
  func withFolder<Answer>(_ use: (String) throws -> Answer) throws -> Answer {
    let path = try requirePath()
    if isFolder { return try use(path) }
    return try withTemporaryFolder { temporary in
      let folder = "\(temporary)/model"
      try unpack(into: folder)
      return try use(folder)
    }
  }

  /// - Parameter folder: empty, or not there yet.
  @discardableResult
  func unpack(into folder: String) throws -> ExtractedResult {
    let path = try requirePath()
    do throws(ArchiveError) {
      return try ArchiveExtractor.extract(path, into: folder)
    } catch {
      throw Failure("model \(text)", error.description, advice: Self.advice(error))
    }
  }

  static func advice(_ error: ArchiveError) -> String {
    switch error.code {
    case .damaged: "Give a whole model.tar.gz: this one was cut off, or is something else."
    case .forbiddenMember, .limitExceeded: "Pack it anew from a folder: htrctl model pack FOLDER -o model.tar.gz"
    case .notEmpty, .changed: ""
    case .system: "Free some space, or set TMPDIR to another folder."
    }
  }

  /// Buckets are plain folders, and so are most keys in them.
  private static func path(ofURI uri: String, home: String) -> String? {
    if uri.hasPrefix("file://") { return absolutePath(String(uri.dropFirst("file://".count))) }
    guard uri.hasPrefix("s3://") else { return nil }
    let place = uri.dropFirst("s3://".count)
    guard !place.split(separator: "/").contains("..") else { return nil }
    let path = "\(home)/buckets/\(place)"
    return Files.exists(path) ? path : nil
  }
}

/// Lends a folder of our own, removed afterwards with all that is in it.
func withTemporaryFolder<Answer>(_ use: (String) throws -> Answer) throws -> Answer {
  let base = Terminal.current.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  let folder = absolutePath("\(base)/htrctl-\(Identifier.random(bytes: 8))")
  guard mkdir(folder, 0o700) == 0 else { throw SystemError("make folder", folder) }
  // What is left of a temporary folder harms nobody.
  defer { try? Files.remove(folder) }
  return try use(folder)
}
