import Handwriting
import ImageKit
import Logging
import ServiceLifecycle
import TestKit

@testable import InferenceHost

/// A worker on a Unix socket in this process.
struct TestWorker<Model: ServedModel>: Sendable {
  let socket: String
  /// For a worker on TCP.
  let port: Int?
  let batcher: ReadingBatcher<Model>
  let group: ServiceGroup

  func connect() throws -> WireClient { try WireClient(socket) }

  func ask(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil
  ) async throws -> WireClient.Reply {
    let client = try connect()
    try client.send(requestBytes(method, path, headers: headers, body: body))
    return try await client.reply()
  }

  func invoke(
    _ body: [UInt8], type: String? = "application/json", accept: String? = nil,
    headers: [String: String] = [:]
  ) async throws -> WireClient.Reply {
    var headers = headers
    if let type { headers["Content-Type"] = type }
    if let accept { headers["Accept"] = accept }
    return try await ask("POST", "/invocations", headers: headers, body: body)
  }

  func invoke(json: String, accept: String? = nil) async throws -> WireClient.Reply {
    try await invoke(Array(json.utf8), accept: accept)
  }
}

/// Runs a worker that reads words for as long as the body; then ends it as SIGTERM would.
func withWorker(
  _ reader: FakeReader = FakeReader(), waitUntilReady: Bool = true,
  settings: InferenceSettings = testSettings { _ in },
  load: (@Sendable () throws -> any WordReader)? = nil,
  _ body: @escaping @Sendable (TestWorker<ServedWords>) async throws -> Void
) async throws {
  try await withModel(settings: settings, waitUntilReady: waitUntilReady) {
    reader.release()
  } load: {
    ServedWords(reader: try load?() ?? reader)
  } body: {
    try await body($0)
  }
}

/// The same with any model.
/// - Parameter release: lets a model go that is being held, so that the worker can end.
func withModel<Model: ServedModel>(
  settings: InferenceSettings, waitUntilReady: Bool = true, release: @Sendable () -> Void,
  load: @escaping @Sendable () throws -> Model,
  body: @Sendable (TestWorker<Model>) async throws -> Void
) async throws {
  try await withScratchFolder { folder in
    let socket = "\(folder)/worker.sock"
    var settings = settings
    if case .unixSocket = settings.address { settings.address = .unixSocket(path: socket) }
    let milestones = Mailbox<InferenceHost.Milestone?>()
    let worker = try InferenceWorker<Model>(settings: settings, logger: silent)
    let group = worker.group(signals: [], announce: { milestones.send($0) }, load: load)
    var port: Int?
    async let running: Void = {
      // The end as well is something to wait for.
      defer { milestones.send(nil) }
      try await group.run()
    }()
    do {
      let opened = try await milestones.first("the worker to listen") { $0 != .ready }
      if case .listening(let found)? = opened { port = found }
      if waitUntilReady { _ = try await milestones.first("the model") { $0 == .ready || $0 == nil } }
      try await body(TestWorker(socket: socket, port: port, batcher: worker.batcher, group: group))
    } catch {
      release()
      await group.triggerGracefulShutdown()
      try await running
      throw error
    }
    release()
    await group.triggerGracefulShutdown()
    try await running
  }
}

/// Settings of a worker that holds no word back, on a socket in the folder of the test.
func testSettings(_ change: (inout InferenceSettings) -> Void) -> InferenceSettings {
  var settings = InferenceSettings(address: .unixSocket(path: "/"))
  settings.batching.maximumDelay = .zero
  change(&settings)
  return settings
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// An image file whose reading is its size.
func png(_ width: Int, _ height: Int, shade: UInt8 = 200) throws -> [UInt8] {
  try ImageEncoder.png(GreyImage(width: width, height: height, shade: shade))
}
