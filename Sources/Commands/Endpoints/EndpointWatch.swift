import Client
import HostKit
import JSONKit

/// Follows an endpoint by long polls and says on standard error what is being waited for: one line that is overwritten
/// on a screen, a line for each change elsewhere.
struct EndpointWatch {
  enum Goal: String {
    case inService = "in-service"
    case deleted
    /// Requests are answered: also while it is being updated.
    case serving
  }

  enum End {
    case inService(EndpointRecord)
    /// There is no such endpoint any more.
    case gone
    /// There was none from the start.
    case missing
    /// It will not get there by itself.
    case failed(EndpointRecord)
    case timedOut(EndpointRecord)
  }

  let name: String
  let client: DaemonClient
  let terminal: Terminal

  init(_ name: String, client: DaemonClient, terminal: Terminal = .current) {
    self.name = name
    self.client = client
    self.terminal = terminal
  }

  /// Returns as soon as the goal is reached, cannot be reached any more, or the deadline is over. A daemon that is
  /// away for a while is waited for.
  func until(_ goal: Goal, deadline: ContinuousClock.Instant? = nil) throws -> End {
    defer { terminal.clearPassing() }
    var last: EndpointRecord?
    while true {
      let left = deadline.map { max(.zero, $0 - .now) }
      // A long poll; shorter only where a person watches the time pass.
      let slice = min(left?.roundedUpSeconds ?? 300, terminal.notesOnScreen ? 2 : 300)
      let record = try client.persistently(
        onOutage: { terminal.announceOutage($0) },
        { try client.endpointIfAny(name, newerThan: last?.version, timeoutSeconds: slice) })
      guard let record else { return last == nil ? .missing : .gone }
      if let end = Self.end(record, goal) { return end }
      let line = Self.line(record)
      if line != last.map(Self.line) { terminal.passing(line) }
      last = record
      if let deadline, ContinuousClock.now >= deadline { return .timedOut(record) }
    }
  }

  private static func end(_ record: EndpointRecord, _ goal: Goal) -> End? {
    switch (record.status, goal) {
    case ("Failed", _), ("Deleting", .inService), ("Deleting", .serving): .failed(record)
    case ("InService", .inService), ("InService", .serving), ("Updating", .serving): .inService(record)
    default: nil
    }
  }

  /// `[pages] Creating: AllTraffic waits for its first answer to GET /ping`
  static func line(_ record: EndpointRecord) -> String {
    "[\(record.name)] \(record.status)" + (record.waitingFor.map { ": \($0)" } ?? "")
  }
}

/// What became of an endpoint, for people.
struct EndpointOutcome {
  let record: EndpointRecord
  /// How long it took; nil when nobody measured.
  var seconds: Double?
  /// Commands to type next.
  var next: [String] = []

  func show(on terminal: Terminal = .current) {
    for (label, text) in lines() {
      terminal.print(terminal.styled(label, .dim) + String(repeating: " ", count: 10 - label.count) + Table.plain(text))
    }
  }

  func lines() -> [(label: String, text: String)] {
    var lines = [
      ("endpoint", record.name), ("status", record.status + (seconds.map { " after \(Self.text($0))" } ?? "")),
    ]
    if let reason = record.failureReason { lines.append(("reason", reason)) }
    if record.status == "Failed" {
      for worker in record.workers {
        if let end = worker.lastEnd { lines.append(("worker", "\(worker.instance) (\(worker.variant)): \(end)")) }
      }
    }
    if let advice = record.advice { lines.append(("advice", advice)) }
    if record.status != "Failed" { lines += record.variants.map { ("variant", Self.text(of: $0)) } }
    return lines + next.map { ("next", $0) }
  }

  /// `AllTraffic: 2 instances, weight 1, htr/word-segmentation + htr/text-recognition`
  private static func text(of variant: JSON) -> String {
    let count = variant["CurrentInstanceCount"]?.integer ?? 0
    let weight = variant["CurrentWeight"]?.number.map { ", weight \(AmountText.number($0))" } ?? ""
    let images = EndpointDescription.images(of: variant).joined(separator: " + ")
    return "\(variant["VariantName"]?.string ?? ""): \(count) \(count == 1 ? "instance" : "instances")\(weight)"
      + (images.isEmpty ? "" : ", \(images)")
  }

  /// Endpoints come up in less than a second: tenths would not tell much.
  private static func text(_ seconds: Double) -> String {
    seconds < 10 ? "\(fixed(seconds, 2)) s" : AmountText.duration(seconds: seconds)
  }
}
