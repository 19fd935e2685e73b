public import JSONKit

/// The Search action: the records of one kind of resource that fit an expression.
public struct SearchRequest: Sendable, Equatable {
  /// The kinds that htr has. Of SageMaker's other kinds there are none here, so a search for them finds nothing.
  public enum Resource: String, Sendable, CaseIterable {
    case trainingJob = "TrainingJob"
    case endpoint = "Endpoint"
    case model = "Model"
  }

  /// All kinds of SageMaker's own list.
  private static let kinds =
    Resource.allCases.map(\.rawValue) + [
      "Experiment", "ExperimentTrial", "ExperimentTrialComponent", "ModelPackage", "ModelPackageGroup", "Pipeline",
      "PipelineExecution", "FeatureGroup", "FeatureMetadata", "Image", "ImageVersion", "Project",
      "HyperParameterTuningJob", "ModelCard", "PipelineVersion", "Job", "HubContent",
    ]
  /// Filters and expressions of one request, on all levels; beyond it asking costs more than it tells.
  private static let mostConditions = 200
  private static let names = 1...255

  /// Nil for a kind that htr has nothing of.
  public var resource: Resource?
  /// Nil: every record.
  public var expression: SearchExpression?
  public var sortBy: [String] = ["LastModifiedTime"]
  public var isAscending = false
  /// Records of a page.
  public var limit = 10
  /// Where the page before ended.
  public var position: ListPosition?
  /// What a token is bound to.
  private var query = ""

  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    let kind = reader.choice(json, "Resource", at: "resource", of: Self.kinds, required: true)
    resource = kind.flatMap(Resource.init(rawValue:))
    var conditions = 0
    if let search = reader.structure(json, "SearchExpression", at: "searchExpression") {
      expression = Self.expression(search, at: "searchExpression", depth: 0, &conditions, &reader)
    }
    if conditions > Self.mostConditions { reader.fault("A search has at most \(Self.mostConditions) conditions.") }
    if let name = reader.string(json, "SortBy", at: "sortBy", length: Self.names) {
      sortBy = SearchFilter(name, .exists, "").place
    }
    if let order = reader.choice(json, "SortOrder", at: "sortOrder", of: ["Ascending", "Descending"]) {
      isAscending = order == "Ascending"
    }
    limit = Int(reader.integer(json, "MaxResults", at: "maxResults", in: 1...100) ?? 10)
    let accounts = reader.choice(
      json, "CrossAccountFilterOption", at: "crossAccountFilterOption", of: ["SameAccount", "CrossAccount"])
    if accounts == "CrossAccount" { reader.fault("CrossAccountFilterOption: htr has one account.") }
    reader.refuse(json, ["VisibilityConditions": "nothing here has visibility conditions"], at: "")
    let token = reader.string(json, "NextToken", at: "nextToken", length: 0...8192)
    try reader.finish()
    let asked = ["Resource", "SearchExpression", "SortBy", "SortOrder"].map { json[$0]?.text ?? "" }
    query = asked.joined(separator: "|")
    if let token { position = try ListPosition(token: token, query: query) }
  }

  public func token(after position: ListPosition) -> String { position.token(query: query) }

  /// - Parameter conditions: counts them, so that the reading ends when there are too many.
  private static func expression(
    _ json: JSON, at path: String, depth: Int, _ conditions: inout Int, _ reader: inout ShapeReader
  ) -> SearchExpression {
    var parts: [SearchExpression] = []
    for (path, item) in reader.structures(json, "Filters", at: "\(path).filters", count: 1...20) ?? [] {
      conditions += 1
      if let filter = filter(item, at: path, &reader) { parts.append(.filter(filter)) }
    }
    for (path, item) in reader.structures(json, "NestedFilters", at: "\(path).nestedFilters", count: 1...20) ?? [] {
      let name = reader.string(
        item, "NestedPropertyName", at: "\(path).nestedPropertyName", required: true, length: names)
      let filters = reader.structures(item, "Filters", at: "\(path).filters", count: 1...20, required: true) ?? []
      conditions += filters.count
      parts.append(
        .nested(
          place: SearchFilter(name ?? "", .exists, "").place,
          filters: filters.compactMap { filter($0.item, at: $0.path, &reader) }))
    }
    for (path, item) in reader.structures(json, "SubExpressions", at: "\(path).subExpressions", count: 1...20) ?? [] {
      conditions += 1
      guard conditions <= mostConditions, depth < 10 else {
        reader.fault("\(path) is nested too deeply, or the search has too many conditions.")
        break
      }
      parts.append(expression(item, at: path, depth: depth + 1, &conditions, &reader))
    }
    let isAny = reader.choice(json, "Operator", at: "\(path).operator", of: ["And", "Or"]) == "Or"
    // No condition at all holds for everything.
    return isAny && !parts.isEmpty ? .any(parts) : .all(parts)
  }

  private static func filter(_ json: JSON, at path: String, _ reader: inout ShapeReader) -> SearchFilter? {
    let name = reader.string(json, "Name", at: "\(path).name", required: true, length: names)
    let kinds = SearchFilter.Operator.allCases.map(\.rawValue)
    let comparison =
      reader.choice(json, "Operator", at: "\(path).operator", of: kinds)
      .flatMap(SearchFilter.Operator.init(rawValue:)) ?? .equals
    let needsValue = comparison != .exists && comparison != .notExists
    let value = reader.string(json, "Value", at: "\(path).value", required: needsValue, length: 1...1024)
    guard let name else { return nil }
    return SearchFilter(name, comparison, value ?? "")
  }
}

/// What a search's results are put in order by: nothing before numbers before texts.
public enum SearchSortKey: Sendable, Comparable {
  case nothing
  case number(Double)
  case text(String)

  /// Of the first value at that place of a record.
  public init(_ record: JSON, at place: [String]) {
    let value = record.values(at: place[...]).first
    if let text = value?.string {
      self = Double(text).map { .number($0) } ?? .text(text)
    } else if let number = value?.number {
      self = .number(number)
    } else {
      self = .nothing
    }
  }

  /// From its own text in a token; nil for any other.
  public init?(_ text: String) {
    let rest = String(text.dropFirst())
    switch text.first {
    case "-" where rest.isEmpty: self = .nothing
    case "n":
      guard let number = Double(rest) else { return nil }
      self = .number(number)
    case "t": self = .text(rest)
    default: return nil
    }
  }

  public var tokenText: String {
    switch self {
    case .nothing: "-"
    case .number(let number): "n\(number)"
    case .text(let text): "t\(text)"
    }
  }
}
