import HostKit
import JSONKit
import Testing
import WorkerContract

/// Records that daemon and shim leave each other must come back as they went.
struct AttemptRecordTests {
  @Test func `the end of an attempt comes back as it was written`() throws {
    let exit = WorkerExit(
      outcome: .signaled, signal: 9, cause: .memoryLimit, message: "over 1 GiB",
      startedAt: Timestamp(milliseconds: 5), endedAt: Timestamp(milliseconds: 9), cpuSeconds: 1.5,
      peakMemoryBytes: 1 << 30)
    let archive = PackedArchive(file: "model.tar.gz", sha256: "00", size: 3, members: 1)
    let end = AttemptEnd(exit: exit, model: archive, output: nil, packingFailure: "disk full")
    #expect(AttemptEnd(json: try JSON(parsing: end.json.bytes)) == end)
  }

  @Test func `a launch comes back as it was written`() throws {
    let spec = LaunchSpec(
      token: "t", executable: "/bin/true", arguments: ["a", ""], environment: ["A": "1"],
      workingFolder: "/", log: "/l", logIndex: "/i", noticeSocket: "/s", maximumRuntimeSeconds: 1.5,
      memoryLimitBytes: 7, sampleSeconds: 0, packsModel: false)
    #expect(LaunchSpec(json: try JSON(parsing: spec.json.bytes)) == spec)
  }

  @Test func `a record that is none is refused, not half read`() {
    #expect(AttemptEnd(json: ["exit": ["outcome": "vanished", "endedAt": 1]]) == nil)
    #expect(LaunchSpec(json: ["token": "t"]) == nil)
    #expect(StopOrder(json: []) == nil)
  }

  @Test(
    arguments: [
      (WorkerExit.Outcome.exited, Int32(0), WorkerExit.Cause?.none, true, true),
      (.exited, 0, .stopOrder, false, true), (.exited, 1, nil, false, false),
      (.signaled, nil, .maximumRuntime, false, true), (.signaled, nil, .memoryLimit, false, false),
    ] as [(WorkerExit.Outcome, Int32?, WorkerExit.Cause?, Bool, Bool)])
  func `success and a kept model follow from how the worker ended`(
    _ outcome: WorkerExit.Outcome, _ code: Int32?, _ cause: WorkerExit.Cause?, _ isSuccess: Bool,
    _ keepsModel: Bool
  ) {
    let exit = WorkerExit(
      outcome: outcome, code: code, cause: cause, startedAt: nil, endedAt: Timestamp(milliseconds: 0))
    #expect(exit.isSuccess == isSuccess)
    #expect(exit.keepsModel == keepsModel)
  }

  @Test(arguments: [
    ShimNotice(token: "t", event: .workerStarted(at: Timestamp(milliseconds: 1))),
    ShimNotice(token: "t", event: .packing(at: Timestamp(milliseconds: 2))),
    ShimNotice(
      token: "t",
      event: .usage(
        .init(at: Timestamp(milliseconds: 3), cpuPercent: 150.5, memoryBytes: 4, diskBytes: 5))),
  ])
  func `a notice comes back as it was sent`(_ notice: ShimNotice) throws {
    #expect(ShimNotice(json: try JSON(parsing: notice.json.bytes)) == notice)
  }
}
