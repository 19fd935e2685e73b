import Client
import JSONKit

/// Ends a command that has waited for an endpoint: prints what became of it, with advice where it failed.
struct EndpointConclusion {
  let name: String
  let common: CommonOptions
  let start: ContinuousClock.Instant

  private var terminal: Terminal { .current }
  private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// It serves.
  func succeed(_ record: EndpointRecord, next: [String] = []) {
    if common.isJSON { return printJSON(record.described) }
    EndpointOutcome(record: record, seconds: seconds, next: next).show()
  }

  /// It does not: its reason, its workers' last words, and what to type.
  func fail(_ record: EndpointRecord) -> ExitStatus {
    if common.isJSON {
      printJSON(record.described)
    } else {
      let next = ["htrctl logs endpoint \(name)", "htrctl delete endpoint \(name) --all"].map {
        $0 + common.homeArgument
      }
      EndpointOutcome(record: record, seconds: seconds, next: record.status == "Failed" ? next : []).show()
    }
    if record.status == "Failed" {
      showLastWords(of: record)
      note("it is Failed. See `htrctl logs endpoint \(name)\(common.homeArgument)`.")
    } else {
      note("it is \(record.status)")
    }
    return .jobFailed
  }

  /// It is not there any more.
  func vanished() -> Failure {
    Failure("endpoint \(name)", "it was deleted meanwhile", status: .jobFailed)
  }

  func missing() -> Failure {
    Failure(
      "endpoint \(name)", "there is no endpoint of this name",
      advice: "`htrctl endpoints\(common.homeArgument)` lists those that are.")
  }

  /// The time is over.
  func timeOut(_ record: EndpointRecord, after limit: Double) -> ExitStatus {
    if common.isJSON { printJSON(record.described) }
    let waiting = record.waitingFor.map { ", waiting for: \($0)" } ?? ""
    let advice = record.advice.map { ". \($0)" } ?? ""
    note("timed out after \(AmountText.duration(seconds: limit)). It is \(record.status)\(waiting)\(advice)")
    return .timedOut
  }

  private func note(_ text: String) { terminal.note("htrctl: endpoint \(name): \(Table.plain(text))") }

  private func showLastWords(of record: EndpointRecord) {
    let worker = record.workers.first { $0.lastEnd != nil } ?? record.workers.first
    var last = LastLines(count: 10, limit: 1 << 16)
    // The log is a help only; a failure to get it must not hide the real one.
    _ = try? common.client.log(.endpoint(name, variant: worker?.variant, instance: worker?.instance)) {
      last.append($0)
      return true
    }
    for line in String(decoding: last.bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      terminal.note("  \(Table.plain(String(line)))")
    }
  }
}
