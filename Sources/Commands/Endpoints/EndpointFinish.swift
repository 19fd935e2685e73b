import Client
import JSONKit

/// The last part of a command that changes an endpoint: waiting for it, or not.
struct EndpointFinish {
  let name: String
  let common: CommonOptions
  let start: ContinuousClock.Instant

  /// Ctrl-C from now on leaves the endpoint to itself.
  func leaveOnInterrupt() {
    Interrupt.end(
      with: "\nDetached; \(name) goes on. Wait for it with: htrctl wait endpoint \(name)\(common.homeArgument)\n")
  }

  /// Waits until it is in service and prints that, or ends with its failure.
  /// - Parameter next: commands to type then.
  @discardableResult
  func wait(next: [String] = [], check: (EndpointRecord) throws -> Void = { _ in }) throws -> EndpointRecord {
    let conclusion = EndpointConclusion(name: name, common: common, start: start)
    switch try EndpointWatch(name, client: common.client).until(.inService) {
    case .inService(let record):
      try check(record)
      conclusion.succeed(record, next: next.map { $0 + common.homeArgument })
      return record
    case .failed(let record): throw conclusion.fail(record)
    // Without a deadline nothing times out.
    case .gone, .missing, .timedOut: throw conclusion.vanished()
    }
  }

  /// Says how to come back.
  func detach() throws {
    if common.isJSON {
      printJSON(try common.client.endpoint(name).described)
    } else {
      Terminal.current.print(name)
      Terminal.current.note("Wait for it with: htrctl wait endpoint \(name)\(common.homeArgument)")
    }
  }
}
