public import JSONKit

/// A series of CloudWatch: namespace, name, and the dimensions that say whose it is.
public struct MetricName: Sendable, Equatable {
  public var namespace = ""
  public var name = ""
  public var dimensions: [String: String] = [:]

  public init(namespace: String = "", name: String = "", dimensions: [String: String] = [:]) {
    (self.namespace, self.name, self.dimensions) = (namespace, name, dimensions)
  }

  public var json: JSON {
    let pairs = dimensions.sorted { $0.key < $1.key }.map { pair -> JSON in
      ["Name": .string(pair.key), "Value": .string(pair.value)]
    }
    return ["Namespace": .string(namespace), "MetricName": .string(name), "Dimensions": .array(pairs)]
  }
}

/// What is asked of a series: which sums, over which stretches of which time.
public struct MetricStatistic: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case average = "Average"
    case sum = "Sum"
    case minimum = "Minimum"
    case maximum = "Maximum"
    case sampleCount = "SampleCount"
  }

  /// As many as CloudWatch answers at most.
  public static let mostPoints: Int64 = 1440

  public var metric = MetricName()
  public var kinds: [Kind] = []
  /// Seconds.
  public var period: Int64 = 60
  /// Seconds since 1970, the first rounded down to a period.
  public var start: Int64 = 0
  public var end: Int64 = 0

  public init() {}
}

extension ShapeReader {
  fileprivate mutating func metric(_ json: JSON?, at path: String, required: Bool = true) -> MetricName {
    let dot = path.isEmpty ? "" : "\(path)."
    let namespace = string(json, "Namespace", at: "\(dot)namespace", required: required, length: 1...255)
    let name = string(json, "MetricName", at: "\(dot)metricName", required: required, length: 1...255)
    return MetricName(
      namespace: namespace ?? "", name: name ?? "", dimensions: dimensions(json, at: "\(dot)dimensions"))
  }

  fileprivate mutating func dimensions(_ json: JSON?, at path: String) -> [String: String] {
    var found: [String: String] = [:]
    for (path, item) in structures(json, "Dimensions", at: path, count: 0...30) ?? [] {
      let name = string(item, "Name", at: "\(path).name", required: true, length: 1...255) ?? ""
      found[name] = string(item, "Value", at: "\(path).value", length: 1...1024) ?? ""
    }
    return found
  }

  fileprivate mutating func period(_ json: JSON?, at path: String) -> Int64 {
    let period = integer(json, "Period", at: path, in: 1...86_400, required: true) ?? 60
    if period % 60 != 0, ![1, 5, 10, 30].contains(period) {
      fault("The parameter Period must be 1, 5, 10, 30, or a multiple of 60.")
      return 60
    }
    return max(period, 1)
  }

  fileprivate mutating func span(_ json: JSON) -> (start: Int64, end: Int64) {
    let (start, end) = (seconds(json, "StartTime", at: "startTime"), seconds(json, "EndTime", at: "endTime"))
    guard let start, let end else {
      fault("The parameters StartTime and EndTime are required.")
      return (0, 0)
    }
    if start >= end { fault("The parameter StartTime must be less than the parameter EndTime.") }
    return (Int64(start), Int64(end.rounded(.up)))
  }

  fileprivate mutating func bounded(
    _ statistic: MetricStatistic, from start: Int64, to end: Int64
  ) -> MetricStatistic {
    var statistic = statistic
    // The stretch that holds the first second counts as a whole.
    statistic.start = start - start % statistic.period
    statistic.end = end
    let points = (end - statistic.start + statistic.period - 1) / statistic.period
    if points > MetricStatistic.mostPoints {
      fault(
        "You have requested up to \(points) datapoints, which exceeds the limit of \(MetricStatistic.mostPoints). "
          + "You may reduce the datapoints requested by increasing Period, or decreasing the time range.")
    }
    return statistic
  }
}

/// Reads a request of CloudWatch: faults are InvalidParameterValues there.
private func metricRequest<Request>(
  _ json: JSON, fromText: Bool, _ read: (inout ShapeReader) -> Request
) throws(ServiceError) -> Request {
  var reader = try ShapeReader(request: json, fromText: fromText)
  let request = read(&reader)
  do { try reader.finish() } catch {
    throw error.code == .validation ? ServiceError(.invalidParameterValue, error.message) : error
  }
  return request
}

public struct GetMetricStatisticsRequest: Sendable, Equatable {
  public let statistic: MetricStatistic

  /// - Parameter fromText: for the query protocol, whose members are all texts.
  public init(json: JSON, fromText: Bool = false) throws(ServiceError) {
    statistic = try metricRequest(json, fromText: fromText) { reader in
      var statistic = MetricStatistic()
      statistic.metric = reader.metric(json, at: "")
      statistic.period = reader.period(json, at: "period")
      reader.refuse(json, ["ExtendedStatistics": "percentiles are not kept."], at: "")
      let names = reader.strings(json, "Statistics", at: "statistics", count: 1...5, length: 1...255) ?? []
      statistic.kinds = names.compactMap { name in
        if let kind = MetricStatistic.Kind(rawValue: name) { return kind }
        reader.fault("The value \(name.prefix(50)) for parameter Statistics is not supported.")
        return nil
      }
      if names.isEmpty { reader.fault("The parameter Statistics is required.") }
      let (start, end) = reader.span(json)
      return reader.bounded(statistic, from: start, to: end)
    }
  }
}

public struct GetMetricDataRequest: Sendable, Equatable {
  public struct Query: Sendable, Equatable {
    public let id: String
    public let label: String
    public let statistic: MetricStatistic
  }

  public var queries: [Query] = []
  public var isAscending = false

  /// - Parameter fromText: for the query protocol, whose members are all texts.
  public init(json: JSON, fromText: Bool = false) throws(ServiceError) {
    self = try metricRequest(json, fromText: fromText) { reader in
      var request = Self()
      let (start, end) = reader.span(json)
      let order = reader.choice(
        json, "ScanBy", at: "scanBy", of: ["TimestampDescending", "TimestampAscending"])
      request.isAscending = order == "TimestampAscending"
      let items = reader.structures(
        json, "MetricDataQueries", at: "metricDataQueries", count: 1...500, required: true)
      for (path, item) in items ?? [] {
        let id = reader.string(item, "Id", at: "\(path).id", required: true, length: 1...255) ?? ""
        reader.refuse(
          item, ["Expression": "queries name a series by MetricStat; reckon with the answers."], at: "\(path).")
        let stat = reader.structure(item, "MetricStat", at: "\(path).metricStat", required: true)
        var statistic = MetricStatistic()
        let metric = reader.structure(stat, "Metric", at: "\(path).metricStat.metric", required: stat != nil)
        statistic.metric = reader.metric(metric, at: "\(path).metricStat.metric", required: metric != nil)
        if stat != nil { statistic.period = reader.period(stat, at: "\(path).metricStat.period") }
        let name = reader.string(stat, "Stat", at: "\(path).metricStat.stat", required: stat != nil, length: 1...50)
        if let kind = name.flatMap(MetricStatistic.Kind.init(rawValue:)) {
          statistic.kinds = [kind]
        } else if let name {
          reader.fault("The value \(name) for parameter Stat is not supported.")
        }
        let label = reader.string(item, "Label", at: "\(path).label", length: 0...1024)
        // One that only feeds expressions has no answer.
        guard reader.flag(item, "ReturnData", at: "\(path).returnData") ?? true else { continue }
        request.queries.append(
          Query(
            id: id, label: label ?? statistic.metric.name, statistic: reader.bounded(statistic, from: start, to: end)))
      }
      return request
    }
  }

  private init() {}
}

public struct ListMetricsRequest: Sendable, Equatable {
  public static let page = 500

  public var namespace: String?
  public var name: String?
  /// A dimension without a value may have any.
  public var dimensions: [String: String] = [:]
  public var skipped = 0

  /// - Parameter fromText: for the query protocol, whose members are all texts.
  public init(json: JSON, fromText: Bool = false) throws(ServiceError) {
    self = try metricRequest(json, fromText: fromText) { reader in
      var request = Self()
      request.namespace = reader.string(json, "Namespace", at: "namespace", length: 1...255)
      request.name = reader.string(json, "MetricName", at: "metricName", length: 1...255)
      request.dimensions = reader.dimensions(json, at: "dimensions")
      if let token = reader.string(json, "NextToken", at: "nextToken", length: 1...100) {
        guard let skipped = Int(token), skipped >= 0 else {
          reader.fault("The NextToken is none that was given here.")
          return request
        }
        request.skipped = skipped
      }
      return request
    }
  }

  private init() {}
}
