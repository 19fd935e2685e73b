import ControlPlane
import JSONKit
import Wire

/// The actions of CloudWatch.
struct MonitoringActions: JSONActions {
  static let service = ServiceName.monitoring
  static let targetPrefix = "GraniteServiceVersion20100801."

  let metrics: MetricService

  func perform(_ action: String, _ request: JSON, in region: String) async throws -> JSON? {
    switch action {
    case "GetMetricStatistics": try await metrics.statistics(GetMetricStatisticsRequest(json: request))
    case "GetMetricData": try await metrics.data(GetMetricDataRequest(json: request))
    case "ListMetrics": try await metrics.list(ListMetricsRequest(json: request))
    default: throw ServiceError.unknownAction(action)
    }
  }
}
