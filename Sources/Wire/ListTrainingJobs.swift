public import HostKit
public import JSONKit
public import Resources

/// ListTrainingJobs: every filter and sort of the API, and pages that survive concurrent inserts.
public struct ListTrainingJobsRequest: Sendable, Equatable {
  public enum SortKey: String, Sendable {
    case name = "Name"
    case creationTime = "CreationTime"
    case status = "Status"
  }

  /// Where a page ended: the sort value and the name of its last row.
  public struct Position: Sendable, Equatable {
    public let value: String
    public let id: Int64

    public init(value: String, id: Int64) {
      self.value = value
      self.id = id
    }
  }

  public var nameContains: String?
  public var status: TrainingJobStatus?
  public var createdAfter: Timestamp?
  public var createdBefore: Timestamp?
  public var modifiedAfter: Timestamp?
  public var modifiedBefore: Timestamp?
  public var sortBy: SortKey = .creationTime
  public var isAscending = true
  public var limit = 10
  public var position: Position?

  public init() {}

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    nameContains = reader.string(
      json, "NameContains", at: "nameContains", length: 0...63, rule: .nameFragment)
    let status = reader.choice(
      json, "StatusEquals", at: "statusEquals",
      of: TrainingJobStatus.allCases.map(\.rawValue) + ["Deleting"])
    createdAfter = reader.seconds(json, "CreationTimeAfter", at: "creationTimeAfter")
      .map(Timestamp.init(seconds:))
    createdBefore = reader.seconds(json, "CreationTimeBefore", at: "creationTimeBefore")
      .map(Timestamp.init(seconds:))
    modifiedAfter = reader.seconds(json, "LastModifiedTimeAfter", at: "lastModifiedTimeAfter")
      .map(Timestamp.init(seconds:))
    modifiedBefore = reader.seconds(json, "LastModifiedTimeBefore", at: "lastModifiedTimeBefore")
      .map(Timestamp.init(seconds:))
    if let key = reader.choice(json, "SortBy", at: "sortBy", of: ["Name", "CreationTime", "Status"]) {
      sortBy = SortKey(rawValue: key) ?? .creationTime
    }
    isAscending =
      reader.choice(json, "SortOrder", at: "sortOrder", of: ["Ascending", "Descending"]) != "Descending"
    limit = Int(reader.integer(json, "MaxResults", at: "maxResults", in: 1...100) ?? 10)
    reader.refuse(
      json,
      [
        "WarmPoolStatusEquals": "there are no warm pools",
        "TrainingPlanArnEquals": "there are no training plans",
      ], at: "")
    let token = reader.string(json, "NextToken", at: "nextToken", length: 0...8192)
    try reader.finish()
    self.status = status.flatMap(TrainingJobStatus.init(rawValue:))
    // Nothing is ever "Deleting" here (deletion is immediate): such a filter finds nothing.
    matchesNothing = status == "Deleting"
    if let token { position = try decode(token) }
  }

  public private(set) var matchesNothing = false

  /// The token for the page after `position`: opaque to clients, and only valid for the same filters and sort.
  public func token(after position: Position) -> String {
    let content: JSON = [
      "v": .string(position.value), "i": .integer(position.id), "q": .string(query),
    ]
    return content.bytes.map { byte in
      let hex = String(byte, radix: 16)
      return hex.count == 1 ? "0" + hex : hex
    }.joined()
  }

  private func decode(_ token: String) throws(ServiceError) -> Position {
    let digits = Array(token.utf8)
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
      else { throw .validation("Invalid NextToken.") }
      bytes.append(byte)
    }
    guard digits.count % 2 == 0, let content = try? JSON(parsing: bytes),
      let value = content["v"]?.string, let id = content["i"]?.integer
    else { throw .validation("Invalid NextToken.") }
    guard content["q"]?.string == query else {
      throw .validation("The NextToken belongs to another request: filters and sort must stay the same.")
    }
    return Position(value: value, id: id)
  }

  private var query: String {
    [
      nameContains ?? "", status?.rawValue ?? "", sortBy.rawValue, isAscending ? "a" : "d",
      "\(createdAfter?.milliseconds ?? 0)", "\(createdBefore?.milliseconds ?? 0)",
      "\(modifiedAfter?.milliseconds ?? 0)", "\(modifiedBefore?.milliseconds ?? 0)",
    ].joined(separator: "|")
  }
}
