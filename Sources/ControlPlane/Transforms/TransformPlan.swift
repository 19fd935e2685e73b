import ArtifactStore
import HostKit
import JSONKit
import Lifecycles
import Persistence
import Resources
import Wire

/// Why a transform job cannot go on as a whole, in SageMaker's form: whose fault it is, and what.
struct TransformFault: Error, CustomStringConvertible {
  let description: String

  static func ofClient(_ reason: String) -> TransformFault { TransformFault(description: "ClientError: \(reason)") }
}

/// Puts the list of a job's inputs on record, before the first of them is read: what is listed later, as the job's own
/// outputs may be, is no input.
struct TransformPlan: Sendable {
  private static let pageSize = 1000
  private static let largestManifest = 256 << 20

  private let job: TransformJob
  private let request: CreateTransformJobRequest
  private let context: TransformContext

  init(_ job: TransformJob, _ request: CreateTransformJobRequest, _ context: TransformContext) {
    self.job = job
    self.request = request
    self.context = context
  }

  func record() async throws {
    // What an earlier daemon had listed when it ended is listed again.
    try await context.insist(on: "clear a transform job's list") { [context, job] in
      try await context.store.deleteInputs(ofTransformJob: job.id)
    }
    guard let address = ObjectAddress(request.source) else {
      throw TransformFault.ofClient("'\(request.source)' is no s3://BUCKET/KEY of htr's own bucket store.")
    }
    try await bring(address)
    let total = try await request.sourceForm == .prefix ? listPrefix(address) : listManifest(address)
    guard total > 0 else {
      throw TransformFault.ofClient(
        "No S3 objects found under S3 URL \"\(request.source)\" given in input data source. Please ensure that the bucket exists and holds such objects."
      )
    }
    await context.engine.happen(.planned(total: total), to: job.name)
  }

  /// The inputs, or the list of them, from the S3 elsewhere that their bucket lies in.
  private func bring(_ source: ObjectAddress) async throws {
    let isPrefix = request.sourceForm == .prefix
    guard context.remote.holds(source) else { return }
    do {
      try await context.remoteThreads.run { [remote = context.remote] in
        if isPrefix { try remote.bring(prefix: source) } else { try remote.bring(source) }
      }
    } catch let error as ArtifactStore.StoreError where error.isClientFault {
      throw TransformFault.ofClient("\(error)")
    }
  }

  // MARK: Prefixes

  private func listPrefix(_ prefix: ObjectAddress) async throws -> Int {
    var (after, total) = ("", 0)
    while true {
      let (page, start) = try await nextPage(prefix, after: after, numberedFrom: total + 1)
      guard let last = page.last else { return total }
      after = last
      total += start.count
      try await add(start)
    }
  }

  /// The keys of a page, and those of it that are inputs.
  private func nextPage(
    _ prefix: ObjectAddress, after: String, numberedFrom first: Int
  ) async throws -> (keys: [String], inputs: [TransformInput]) {
    let objects: [StoredObject]
    do {
      objects = try await context.threads.run { [buckets = context.buckets] in
        try buckets.list(prefix.bucket, prefix: prefix.key, after: after, limit: Self.pageSize)
      }
    } catch let error as ArtifactStore.StoreError where error.code == .noSuchBucket {
      throw TransformFault.ofClient("The specified bucket does not exist: \(prefix.bucket)")
    }
    var inputs: [TransformInput] = []
    // S3's consoles make folders of empty objects whose keys end so.
    for object in objects where object.size > 0 || object.key.utf8.last != UInt8(ascii: "/") {
      inputs.append(
        TransformInput(
          number: first + inputs.count, bucket: prefix.bucket, key: object.key,
          output: Self.output(of: object.key, below: prefix.key), size: object.size))
    }
    return (objects.map(\.key), inputs)
  }

  /// The input's key relative to its prefix, with ".out". A prefix that ends in the midst of a name counts from the slash
  /// before; one that is a key by itself leaves the last part of it. Keys are bytes: nothing but slashes has a meaning.
  static func output(of key: String, below prefix: String) -> String {
    let slash = UInt8(ascii: "/")
    let (bytes, start) = (Array(key.utf8), Array(prefix.utf8))
    var rest = bytes.dropFirst(start.count)
    if start.isEmpty || start.last == slash {
      // The rest as it is.
    } else if rest.first == slash {
      rest = rest.dropFirst()
    } else {
      rest = bytes[(bytes.prefix(start.count).lastIndex(of: slash).map { $0 + 1 } ?? 0)...]
    }
    if rest.isEmpty { rest = bytes[...] }
    return String(decoding: rest, as: UTF8.self) + ".out"
  }

  // MARK: Manifests

  private func listManifest(_ address: ObjectAddress) async throws -> Int {
    let json = try await context.threads.run { [buckets = context.buckets] in
      guard let path = try buckets.path(of: address) else {
        throw TransformFault.ofClient("There is no object \(address).")
      }
      do { return try JSON(parsing: try Files.read(path, limit: Self.largestManifest)) } catch {
        throw TransformFault.ofClient("The manifest \(address) cannot be read: \(error)")
      }
    }
    guard let entries = json.array, let prefix = entries.first?["prefix"]?.string else {
      throw invalid("it must be a JSON array whose first element is {\"prefix\": \"s3://…\"}")
    }
    var total = 0
    for start in stride(from: 1, to: entries.count, by: Self.pageSize) {
      let entries = entries[start..<min(start + Self.pageSize, entries.count)]
      let (page, first) = (try addresses(of: entries, below: prefix), total + 1)
      let isRemote = page.contains { context.remote.holds($0.address) }
      let threads = isRemote ? context.remoteThreads : context.threads
      let inputs = try await threads.run { [buckets = context.buckets, remote = context.remote] in
        try page.enumerated().map { index, entry in
          try remote.bring(entry.address)
          guard let object = try buckets.object(at: entry.address) else {
            throw TransformFault.ofClient("There is no object \(entry.address), which \(address) names.")
          }
          return TransformInput(
            number: first + index, bucket: entry.address.bucket, key: entry.address.key,
            output: entry.relative + ".out", size: object.size)
        }
      }
      try await add(inputs)
      total += inputs.count
    }
    return total
  }

  private func addresses(
    of entries: ArraySlice<JSON>, below prefix: String
  ) throws -> [(address: ObjectAddress, relative: String)] {
    try entries.map { entry in
      guard let relative = entry.string, !relative.isEmpty else {
        throw invalid("after the prefix only keys may follow, as strings")
      }
      guard let address = ObjectAddress(prefix + relative) else { throw invalid("'\(prefix)' is no s3://BUCKET/KEY") }
      return (address, relative)
    }
  }

  private func invalid(_ reason: String) -> TransformFault {
    .ofClient("The manifest \(request.source) is invalid: \(reason).")
  }

  // MARK: On record

  private func add(_ inputs: [TransformInput]) async throws {
    guard !inputs.isEmpty else { return }
    let clash = try await context.insist(on: "record a transform job's inputs") { [context, job] in
      do {
        try await context.store.addInputs(inputs, toTransformJob: job.id)
        return nil as String?
      } catch let error as Persistence.StoreError where error.code == .nameTaken {
        return error.description
      }
    }
    if let clash {
      throw TransformFault.ofClient("The outputs cannot be told apart: \(clash). Name them in jobs of their own.")
    }
  }
}
