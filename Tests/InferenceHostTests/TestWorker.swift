import Handwriting
import ImageKit
import Logging
import ServiceLifecycle
import TestKit

@testable import InferenceHost

/// A worker on a Unix socket in this process.
struct TestWorker: Sendable {
  let socket: String
  /// For a worker on TCP.
  let port: Int?
  let batcher: ReadingBatcher
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
    _ body: [UInt8], type: String? = "application/json", accept: String? = nil
  ) async throws -> WireClient.Reply {
    var headers: [String: String] = [:]
    headers["Content-Type"] = type
    headers["Accept"] = accept
    return try await ask("POST", "/invocations", headers: headers, body: body)
  }

  func invoke(json: String, accept: String? = nil) async throws -> WireClient.Reply {
    try await invoke(Array(json.utf8), accept: accept)
  }
}

/// Runs a worker for as long as the body; then ends it as SIGTERM would.
func withWorker(
  _ reader: FakeReader = FakeReader(), waitUntilReady: Bool = true,
  settings: InferenceSettings = testSettings { _ in },
  load: (@Sendable () throws -> any WordReader)? = nil,
  _ body: @escaping @Sendable (TestWorker) async throws -> Void
) async throws {
  try await withScratchFolder { folder in
    let socket = "\(folder)/worker.sock"
    var settings = settings
    if case .unixSocket = settings.address { settings.address = .unixSocket(path: socket) }
    let milestones = Mailbox<InferenceHost.Milestone?>()
    let worker = try InferenceWorker(settings: settings, logger: silent)
    let group = worker.group(signals: [], announce: { milestones.send($0) }, load: load ?? { reader })
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
      reader.release()
      await group.triggerGracefulShutdown()
      try await running
      throw error
    }
    reader.release()
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
