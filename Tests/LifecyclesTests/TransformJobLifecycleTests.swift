import HostKit
import JSONKit
import Lifecycles
import Resources
import Testing

/// What happens to a transform job, event by event.
@Suite struct TransformJobLifecycleTests {
  private let time = Timestamp(milliseconds: 5_000)

  private func job(_ events: TransformJob.Event...) -> TransformJob {
    var job = TransformJob(
      id: 1, name: "t", region: "us-east-1", account: "000000000000", request: .null, containers: [],
      createdAt: Timestamp(milliseconds: 1_000))
    for event in events { job.apply(event, at: time) }
    return job
  }

  private let progress = TransformJob.Progress(total: 3, done: 2, failed: 1)

  @Test func `it starts with its slot, once`() {
    var job = job(.slotGranted)
    #expect(job.startedAt == time)
    let before = job
    job.apply(.slotGranted, at: time.advanced(bySeconds: 1))
    #expect(job == before)
  }

  @Test func `its list is made once`() {
    let job = job(.planned(total: 3), .planned(total: 9))
    #expect(job.isPlanned)
    #expect(job.progress.total == 3)
  }

  @Test(
    arguments: [
      (.finished, .completed, nil), (.failed(reason: "why"), .failed, "why"), (.stopped, .stopped, nil),
    ] as [(TransformJob.Ending, TransformJobStatus, String?)])
  func `it ends as its work does`(_ item: (TransformJob.Ending, TransformJobStatus, String?)) {
    let job = job(.slotGranted, .ended(item.0, progress))
    #expect(job.status == item.1)
    #expect(job.failureReason == item.2)
    #expect(job.endedAt == time)
    #expect(job.progress == progress)
  }

  @Test(
    arguments: [(.finished, .completed), (.failed(reason: "x"), .stopped), (.stopped, .stopped)]
      as [(TransformJob.Ending, TransformJobStatus)])
  func `one that is being stopped is stopped, unless nothing of it is missing`(
    _ item: (TransformJob.Ending, TransformJobStatus)
  ) {
    let job = job(.stopRequested, .ended(item.0, progress))
    #expect(job.status == item.1)
    #expect(job.failureReason == nil)
  }

  @Test(
    arguments: [.stopRequested, .slotGranted, .planned(total: 1), .ended(.stopped, .init())] as [TransformJob.Event])
  func `nothing changes one that has ended`(_ event: TransformJob.Event) {
    var job = job(.ended(.finished, progress))
    let before = job
    job.apply(event, at: time.advanced(bySeconds: 1))
    #expect(job == before)
  }

  @Test func `a reason is as long as the wire allows`() {
    #expect(job(.ended(.failed(reason: String(repeating: "x", count: 5_000)), progress)).failureReason?.count == 1024)
  }
}
