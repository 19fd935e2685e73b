import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Daemons and workers that are killed in the midst of a transform job.
@Suite struct TransformCrashTests {
  private static let count = 60

  private static var options: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.hasFailpoints = true
    options.settings = ["drain-seconds: 1"]
    return options
  }

  private static var objects: [(key: String, text: String)] {
    (0..<count).map { ("in/\($0)", "object \($0)\n") }
  }

  /// What the outputs of a complete job are: the mock answers with the body it got.
  private static var expected: [String: String] {
    Dictionary(uniqueKeysWithValues: objects.map { ("\($0.key.dropFirst(3)).out", $0.text) })
  }

  private func begin(_ daemon: DaemonFixture, secondsPerRequest: String = "0.05") async throws {
    try await daemon.createMock("m")
    try await daemon.putObjects(Dictionary(uniqueKeysWithValues: Self.objects.map { ($0.key, $0.text) }))
    try await daemon.transform(
      "t",
      [
        "Environment": ["HTR_MOCK_REQUEST_SECONDS": .string(secondsPerRequest)], "MaxConcurrentTransforms": 2,
        "TransformResources": ["InstanceType": "local", "InstanceCount": 2],
      ])
  }

  private func expectComplete(_ daemon: DaemonFixture) async throws {
    let record = try await daemon.end(ofTransform: "t")
    #expect(record.status == "Completed", "\(record.described.text)")
    let objects = try #require(record.objects)
    #expect(objects == (total: Int64(Self.count), done: Int64(Self.count), failed: 0))
    #expect(try daemon.outputs("t") == Self.expected)
    #expect(daemon.workers(ofTransform: "t").isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a daemon that is killed goes on with what has no output yet, with the same workers`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await begin(daemon)
      for round in 1...3 {
        let record = try await daemon.wait(forTransform: "t", "progress") { ($0.objects?.done ?? 0) >= round * 12 }
        let pids = Set(record.workers.compactMap(\.pid))
        let done = record.objects?.done ?? 0
        try await daemon.restart()
        let after = try await daemon.wait(forTransform: "t", "its workers") { record in
          record.hasEnded || record.workers.filter { $0.pid != nil }.count == 2
        }
        #expect((after.objects?.done ?? 0) >= done)
        if !after.hasEnded { #expect(Set(after.workers.compactMap(\.pid)) == pids) }
      }
      try await expectComplete(daemon)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what is done is not done again`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await begin(daemon)
      try await daemon.wait(forTransform: "t", "progress") { ($0.objects?.done ?? 0) >= 20 }
      try await daemon.end()
      // Outputs that were ticked off stay as they are, whatever becomes of them; a few were on their way.
      let before = try daemon.outputs("t")
      for name in before.keys { try Files.write("kept", to: daemon.object("t/\(name)"), durable: false) }
      try await daemon.start()
      #expect(try await daemon.end(ofTransform: "t").status == "Completed")
      let after = try daemon.outputs("t")
      #expect(after.count == Self.count)
      let kept = after.values.filter { $0 == "kept" }.count
      #expect(kept >= before.count - 4 && kept >= 20, "\(kept) of \(before.count)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `workers that are killed cost nobody anything`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await begin(daemon)
      for round in 1...4 {
        let record = try await daemon.wait(forTransform: "t", "progress") { record in
          (record.objects?.done ?? 0) >= round * 10 && record.workers.contains { $0.pid != nil }
        }
        let pid = try #require(record.workers.compactMap(\.pid).first)
        kill(Int32(pid), SIGKILL)
      }
      try await expectComplete(daemon)
    }
  }

  static let points: [Failpoint] = [.afterTransformCommitted, .afterTransformOutput, .afterWorkerLaunched]

  @Test(.timeLimit(.minutes(1)), arguments: points)
  func `a job that was accepted is completed after a crash`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.createMock("m")
      try daemon.arm(point)
      // The daemon may die before it answers.
      _ = try? await begin(again: daemon)
      _ = try await daemon.end(by: .itself)
      #expect(daemon.hasFired(point))
      try await daemon.start()
      try await expectComplete(daemon)
    }
  }

  private func begin(again daemon: DaemonFixture) async throws {
    try await daemon.putObjects(Dictionary(uniqueKeysWithValues: Self.objects.map { ($0.key, $0.text) }))
    try await daemon.transform("t")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job that was being stopped is stopped after a crash, and its workers are gone`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await begin(daemon, secondsPerRequest: "30")
      try await daemon.wait(forTransform: "t", "its workers") { $0.workers.filter { $0.pid != nil }.count == 2 }
      // Workers outlive their daemon, so they are there when the next one finds the job as it is.
      try await daemon.end()
      #expect(daemon.workers(ofTransform: "t").count == 2)
      try await daemon.start()
      try await daemon.call("StopTransformJob", ["TransformJobName": "t"])
      try await daemon.restart()
      #expect(try await daemon.end(ofTransform: "t").status == "Stopped")
      #expect(daemon.workers(ofTransform: "t").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `outputs below the inputs' own prefix are no inputs after a crash`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await begin(daemon)
      try await daemon.transform(
        "in",
        [
          "Environment": ["HTR_MOCK_REQUEST_SECONDS": "0.05"], "MaxConcurrentTransforms": 2,
        ])
      try await daemon.wait(forTransform: "in", "progress") { ($0.objects?.done ?? 0) >= 10 }
      try await daemon.restart()
      #expect(try await daemon.end(ofTransform: "in").objects?.total == Int64(Self.count))
      #expect(try daemon.outputs("in").count == 2 * Self.count)
    }
  }
}
