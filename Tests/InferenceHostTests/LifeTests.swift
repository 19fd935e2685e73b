import Foundation
import Handwriting
import ServiceLifecycle
import TestKit
import Testing

@testable import InferenceHost

/// From loading to the end.
@Suite(.timeLimit(.minutes(1))) struct LifeTests {
  private struct Broken: Error, CustomStringConvertible { let description = "its file is gone" }

  @Test func `a worker answers 503 until its model is loaded`() async throws {
    let loading = DispatchSemaphore(value: 0)
    let reader = FakeReader()
    let load: @Sendable () -> any WordReader = {
      loading.wait()
      return reader
    }
    try await withWorker(reader, waitUntilReady: false, load: load) { worker in
      let ping = try await worker.ask("GET", "/ping")
      #expect(ping.status == 503 && ping.body.isEmpty)
      let refused = try await worker.invoke(json: "[[1]]")
      #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
      loading.signal()
      _ = try await reader.batches.first("the self-test")
      var reply = try await worker.ask("GET", "/ping")
      while reply.status == 503 { reply = try await worker.ask("GET", "/ping") }
      #expect(reply.status == 200 && reply.body.isEmpty)
    }
  }

  @Test func `a worker can be ended while its model is being loaded`() async throws {
    let loading = DispatchSemaphore(value: 0)
    defer { loading.signal() }
    let load: @Sendable () -> any WordReader = {
      loading.wait()
      return FakeReader()
    }
    try await withWorker(waitUntilReady: false, load: load) { _ in }
  }

  @Test func `a model that cannot be loaded ends the worker with the reason`() async throws {
    let load: @Sendable () throws -> any WordReader = { throw Broken() }
    await #expect {
      try await withWorker(load: load) { _ in }
    } throws: { ($0 as? ModelLoadingFailure)?.description.contains("its file is gone") == true }
  }

  @Test func `a model that does not read the self-test ends the worker`() async throws {
    let reader = FakeReader()
    reader.fail(true)
    await #expect {
      try await withWorker(reader) { _ in }
    } throws: { ($0 as? ModelLoadingFailure)?.description.contains("built-in test image") == true }
  }

  @Test func `a reader that fails is unhealthy until it reads again`() async throws {
    let reader = FakeReader()
    try await withWorker(reader) { worker in
      reader.fail(true)
      let failed = try await worker.invoke(json: "[[1]]")
      #expect(failed.status == 500)
      let unwell = try await worker.ask("GET", "/ping")
      #expect(unwell.status == 503)
      reader.fail(false)
      let well = try await worker.ask("GET", "/ping")
      #expect(well.status == 200)
    }
  }

  @Test func `an ending worker finishes what it has and takes nothing new`() async throws {
    let reader = FakeReader()
    try await withWorker(reader) { worker in
      reader.hold()
      let first = try worker.connect()
      try first.send(requestBytes("POST", "/invocations", body: Array("[[1]]".utf8)))
      try await waitUntil("the word to be read") { reader.batches.values.count == 2 }
      let slow = try worker.connect()
      let request = requestBytes("POST", "/invocations", body: Array("[[1,2]]".utf8))
      // The answer to what comes before it, in one packet, shows that the worker has seen the beginning of the request.
      try slow.send(requestBytes("GET", "/ping") + request.dropLast(3))
      let ping = try await slow.reply()
      #expect(ping.status == 200)
      await worker.group.triggerGracefulShutdown()
      try await waitUntil("the worker to drain") { worker.batcher.phase == .draining }
      try slow.send(Array(request.suffix(3)))
      let refused = try await slow.reply()
      #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
      reader.release()
      #expect(try await first.reply().predictions == ["1x1"])
      // That a connection fails is what is waited for.
      try await waitUntil("the door to close") { (try? worker.connect()) == nil }
    }
  }

  @Test func `what is not finished in the grace time is cut off`() async throws {
    let reader = FakeReader()
    try await withWorker(reader, settings: testSettings { $0.grace = .milliseconds(50) }) { worker in
      reader.hold()
      let client = try worker.connect()
      try client.send(requestBytes("POST", "/invocations", body: Array("[[1]]".utf8)))
      try await waitUntil("the word to be read") { reader.batches.values.count == 2 }
      await worker.group.triggerGracefulShutdown()
      #expect(try await client.reply().status == 503)
    }
  }

  @Test func `wrong settings are told all at once`() {
    var settings = InferenceSettings(address: .tcp(host: "0.0.0.0", port: 70_000))
    settings.limits.images = 0
    settings.batching.maximumBatch = 0
    settings.deadline = .zero
    #expect {
      try settings.validate()
    } throws: { ($0 as? InvalidInferenceSettings)?.faults.count == 5 }
  }

  @Test(arguments: [
    (InferenceSettings.Address.unixSocket(path: "/run/w.sock"), true), (.unixSocket(path: "w.sock"), false),
    (.unixSocket(path: "/" + String(repeating: "x", count: 107)), false), (.tcp(host: "127.0.0.1", port: 0), true),
    (.tcp(host: "localhost", port: 8080), true), (.tcp(host: "::1", port: 1), true),
    (.tcp(host: "127.evil.example.com", port: 80), false), (.tcp(host: "10.0.0.1", port: 80), false),
  ])
  func `addresses of this machine alone are taken`(address: InferenceSettings.Address, isTaken: Bool) {
    #expect(address.faults.isEmpty == isTaken)
  }
}
