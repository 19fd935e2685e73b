import ControlPlane
import HostKit
import JSONKit
import Signing
import Wire

/// The actions of CloudWatch in the JSON protocol, which clients of today speak.
struct MonitoringActions: JSONActions {
  static let service = ServiceName.monitoring
  static let targetPrefix = "GraniteServiceVersion20100801."

  let metrics: MetricService

  func perform(_ action: String, _ request: JSON, in region: String) async throws -> JSON? {
    try await perform(action, request, fromText: false)
  }

  fileprivate func perform(_ action: String, _ request: JSON, fromText: Bool) async throws -> JSON? {
    switch action {
    case "GetMetricStatistics":
      try await metrics.statistics(GetMetricStatisticsRequest(json: request, fromText: fromText))
    case "GetMetricData": try await metrics.data(GetMetricDataRequest(json: request, fromText: fromText))
    case "ListMetrics": try await metrics.list(ListMetricsRequest(json: request, fromText: fromText))
    default: throw ServiceError.unknownAction(action)
    }
  }
}

/// The same in the query protocol, which clients from before 2024 speak.
struct MonitoringQueryActions: QueryActions {
  static let service = ServiceName.monitoring
  static let namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
  static let version = "2010-08-01"

  let actions: MonitoringActions

  func perform(_ action: String, _ members: JSON, for caller: VerifiedIdentity) async throws -> JSON? {
    try await actions.perform(action, members, fromText: true).map { Self.dated($0) }
  }

  /// Times are numbers in the one protocol and dates in the other.
  private static func dated(_ value: JSON, isTime: Bool = false) -> JSON {
    switch value {
    case .object(let object):
      .object(.init(object.members.map { ($0, dated($1, isTime: $0 == "Timestamp" || $0 == "Timestamps")) }))
    case .array(let items): .array(items.map { dated($0, isTime: isTime) })
    case .integer,
      .number where isTime:
      .string(QueryAnswer.text(Timestamp(milliseconds: Int64((value.number ?? 0) * 1000))))
    default: value
    }
  }
}
