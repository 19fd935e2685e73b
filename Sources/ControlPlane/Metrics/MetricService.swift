import HostKit
public import JSONKit
import Persistence
import Resources
public import Wire

/// CloudWatch's view of what jobs measured, and of what endpoints did minute by minute.
public struct MetricService: Sendable {
  static let ofTrainingJobs = "/aws/sagemaker/TrainingJobs"
  static let ofEndpoints = "AWS/SageMaker"
  /// Points of a series that one answer is made of; beyond that the latest count.
  private static let mostSamples = 500_000
  /// What of a series of an endpoint is kept, by its name in CloudWatch.
  private static let figures: [String: (sum: String, count: String?, unit: String)] = [
    "Invocations": ("Invocations", nil, "None"),
    "Invocation4XXErrors": ("Invocation4XXErrors", "Invocations", "None"),
    "Invocation5XXErrors": ("Invocation5XXErrors", "Invocations", "None"),
    "ModelLatency": ("ModelLatencySum", "ModelLatencyCount", "Microseconds"),
    "OverheadLatency": ("OverheadLatencySum", "OverheadLatencyCount", "Microseconds"),
  ]

  let store: Store

  public func statistics(_ request: GetMetricStatisticsRequest) async throws -> JSON {
    let statistic = request.statistic
    let sums = MetricSum.sums(of: try await samples(statistic), statistic)
    let unit = Self.figures[statistic.metric.name]?.unit ?? "None"
    let points = sums.map { sum -> JSON in
      var point: [(String, JSON)] = [("Timestamp", .integer(sum.start)), ("Unit", .string(unit))]
      for kind in statistic.kinds {
        if let value = sum.value(kind) { point.append((kind.rawValue, .number(value))) }
      }
      return .object(.init(point))
    }
    return ["Label": .string(statistic.metric.name), "Datapoints": .array(points)]
  }

  public func data(_ request: GetMetricDataRequest) async throws -> JSON {
    var results: [JSON] = []
    for query in request.queries {
      let kind = query.statistic.kinds.first ?? .average
      var points = MetricSum.sums(of: try await samples(query.statistic), query.statistic).compactMap { sum in
        sum.value(kind).map { (sum.start, $0) }
      }
      if !request.isAscending { points.reverse() }
      results.append([
        "Id": .string(query.id), "Label": .string(query.label), "StatusCode": "Complete",
        "Timestamps": .array(points.map { .integer($0.0) }), "Values": .array(points.map { .number($0.1) }),
      ])
    }
    return ["MetricDataResults": .array(results), "Messages": .array([])]
  }

  public func list(_ request: ListMetricsRequest) async throws -> JSON {
    var names: [MetricName] = []
    if request.namespace ?? Self.ofTrainingJobs == Self.ofTrainingJobs {
      names += try await store.metricNames(
        ofJob: request.dimensions["TrainingJobName"].flatMap { $0.isEmpty ? nil : $0 }
      )
      .map { MetricName(namespace: Self.ofTrainingJobs, name: $0.metric, dimensions: ["TrainingJobName": $0.job]) }
    }
    if request.namespace ?? Self.ofEndpoints == Self.ofEndpoints {
      for (endpoint, variant) in try await store.endpointsWithFigures() {
        names += Self.figures.keys.sorted().map {
          MetricName(
            namespace: Self.ofEndpoints, name: $0, dimensions: ["EndpointName": endpoint, "VariantName": variant])
        }
      }
    }
    let fitting = names.filter { metric in
      request.name ?? metric.name == metric.name
        && request.dimensions.allSatisfy { name, value in
          metric.dimensions[name].map { value.isEmpty || value == $0 } ?? false
        }
    }
    let page = fitting.dropFirst(request.skipped).prefix(ListMetricsRequest.page)
    let told = request.skipped + page.count
    return .members([
      "Metrics": .array(page.map(\.json)), "NextToken": told < fitting.count ? .string("\(told)") : nil,
    ])
  }

  /// A series that nobody has is empty, as in CloudWatch.
  private func samples(_ statistic: MetricStatistic) async throws -> [MetricSample] {
    let metric = statistic.metric
    let (from, to) = (Timestamp(milliseconds: statistic.start * 1000), Timestamp(milliseconds: statistic.end * 1000))
    switch metric.namespace {
    case Self.ofTrainingJobs:
      guard let name = metric.dimensions["TrainingJobName"], let job = try await store.trainingJob(named: name)
      else { return [] }
      return try await store.metrics(
        ofJob: job.id, named: metric.name, from: from, to: to, limit: Self.mostSamples
      ).map { MetricSample(time: $0.at.milliseconds, value: $0.value) }
    case Self.ofEndpoints:
      guard let name = metric.dimensions["EndpointName"], let figure = Self.figures[metric.name],
        let endpoint = try await store.endpoint(named: name)
      else { return [] }
      let figures = try await store.figures(ofEndpoint: endpoint.id, from: from, to: to, limit: Self.mostSamples)
        .filter { metric.dimensions["VariantName"] ?? $0.variant == $0.variant }
      return Self.samples(figures, sum: figure.sum, count: figure.count)
    default: return []
    }
  }

  private static func samples(_ figures: [EndpointFigure], sum: String, count: String?) -> [MetricSample] {
    var minutes: [String: (time: Int64, sum: Double, count: Double)] = [:]
    for figure in figures where figure.name == sum || figure.name == count {
      let key = "\(figure.minute.milliseconds)/\(figure.variant)"
      var minute = minutes[key] ?? (figure.minute.milliseconds, 0, 0)
      if figure.name == sum { minute.sum += figure.value }
      // A count of requests is the sum of as many ones.
      if figure.name == count ?? sum { minute.count += figure.value }
      minutes[key] = minute
    }
    return minutes.values.map { MetricSample(time: $0.time, sum: $0.sum, count: $0.count) }
  }
}
