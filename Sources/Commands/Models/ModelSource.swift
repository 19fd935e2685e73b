import Client
import HostKit
import JSONKit

/// What a model is made from, as the user named it: a training job, a model, an archive or a folder.
struct ModelSource {
  enum Origin {
    case job(TrainingJobRecord)
    case model(ModelRecord)
    /// An archive that the daemon knows how to find: `s3://` or `file://`.
    case uri(String)
    /// Absolute paths on this machine.
    case file(String)
    case folder(String)
  }

  let text: String
  let origin: Origin

  /// Looks a name up. What holds a slash is a path; any other text is a job's name first, then a model's, then a path.
  /// - Throws: `Failure` when it is none of them.
  static func find(_ text: String, client: DaemonClient) throws -> ModelSource {
    if text.contains("://") {
      guard text.hasPrefix("s3://") || text.hasPrefix("file:///") else {
        throw Failure("model \(text)", "such addresses are not known", advice: "Give s3://BUCKET/KEY or file:///PATH.")
      }
      return ModelSource(text: text, origin: .uri(text))
    }
    if ResourceName.isLegal(text) {
      if let job = try present({ try client.trainingJob(text) }) { return ModelSource(text: text, origin: .job(job)) }
      if let model = try present({ try client.model(text) }) { return ModelSource(text: text, origin: .model(model)) }
    }
    guard let local = try local(text) else {
      throw Failure(
        "model \(text)", "there is no training job, model, file or folder of this name",
        advice: "`htrctl jobs --status Completed` and `htrctl models` list what there is.")
    }
    return local
  }

  /// A file or a folder; nil when there is none.
  static func local(_ text: String) throws -> ModelSource? {
    guard let real = Files.realPath(absolutePath(text)), let status = try Files.status(real) else { return nil }
    return ModelSource(text: text, origin: status.kind == .folder ? .folder(real) : .file(real))
  }

  /// The latest Completed training job whose name begins so.
  static func latest(_ prefix: String, client: DaemonClient) throws -> ModelSource {
    let filter = JSON.Object([
      ("StatusEquals", "Completed"), ("NameContains", .string(prefix)), ("SortBy", "CreationTime"),
      ("SortOrder", "Descending"),
    ])
    // The newest hundred hold it nearly always; a name may contain the text elsewhere, though.
    for limit in [100, nil] {
      let rows = try client.list("ListTrainingJobs", rows: "TrainingJobSummaries", filter: filter, limit: limit).rows
      let names = rows.compactMap { $0["TrainingJobName"]?.string }
      if let name = names.first(where: { $0.hasPrefix(prefix) }) {
        return ModelSource(text: name, origin: .job(try client.trainingJob(name)))
      }
    }
    throw Failure(
      "--latest \(prefix)", "no Completed training job has a name that begins so",
      advice: "`htrctl jobs --status Completed` lists them.")
  }

  /// What is named after it.
  var baseName: String {
    switch origin {
    case .job(let record): ResourceName.legal(record.name)
    case .model(let record): ResourceName.legal(record.name)
    case .uri(let text), .file(let text), .folder(let text): ResourceName.legal(ofArchive: text)
    }
  }

  /// nil: the daemon answers that there is no such thing.
  private static func present<Record>(_ look: () throws -> Record) throws -> Record? {
    do {
      return try look()
    } catch let error as ServiceError
      where error.status == 400 && (error.isMissing || error.message.contains("not found"))
    {
      return nil
    }
  }
}

/// Names as SageMaker takes them: 1 to 63 letters, digits and inner hyphens.
enum ResourceName {
  private static let longest = 63
  /// A hyphen and the time.
  private static let suffixLength = 24

  static func isLegal(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= longest && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy(isPlain)
  }

  /// The nearest legal name.
  static func legal(_ text: String) -> String {
    let parts = text.split { character in !character.utf8.allSatisfy { isPlain($0) && $0 != UInt8(ascii: "-") } }
    let name = trimmed(parts.joined(separator: "-"), to: longest)
    return name.isEmpty ? "model" : name
  }

  /// From an archive's or a folder's place: its name without endings, or the job's where it is a job's artifact
  /// (`.../JOB/output/model.tar.gz`).
  static func legal(ofArchive place: String) -> String {
    let parts = place.split(separator: "/").map(String.init)
    let last = parts.last ?? ""
    if last == "model.tar.gz", parts.count >= 4, parts[parts.count - 2] == "output" {
      return legal(parts[parts.count - 3])
    }
    let stem = [".tar.gz", ".tgz", ".tar"].first { last.hasSuffix($0) }.map { String(last.dropLast($0.count)) }
    return legal(stem ?? last)
  }

  /// `NAME-2026-07-01-12-00-03-123`: free for certain, as good as.
  static func fresh(_ name: String, now: Timestamp = .now()) -> String {
    "\(trimmed(name, to: longest - suffixLength))-\(CalendarText.nameSuffix(now))"
  }

  private static func trimmed(_ name: String, to length: Int) -> String {
    var text = name.prefix(length)
    while text.last == "-" { text.removeLast() }
    return String(text)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
