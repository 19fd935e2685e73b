import JSONKit
import Testing

@testable import Wire

@Suite struct SearchTests {
  private let record: JSON = [
    "TrainingJobName": "words-7", "CreationTime": 1_795_000_000.5, "EnableNetworkIsolation": false,
    "HyperParameters": ["epochs": "30", "learning.rate": "0.1"],
    "FinalMetricDataList": [["MetricName": "cer:best", "Value": 6.5]],
    "Tags": [["Key": "team.name", "Value": "archive"]],
    "InputDataConfig": [
      ["ChannelName": "train", "DataSource": ["S3DataSource": ["S3Uri": "s3://b/train"]]],
      ["ChannelName": "test", "DataSource": ["S3DataSource": ["S3Uri": "s3://b/test"]]],
    ],
  ]

  @Test(arguments: [
    ("TrainingJobName", "Equals", "words-7", true), ("TrainingJobName", "Equals", "words", false),
    ("TrainingJobName", "Contains", "ds-", true), ("TrainingJobName", "NotEquals", "words-7", false),
    ("HyperParameters.epochs", "GreaterThan", "4", true), ("HyperParameters.epochs", "Equals", "30.0", true),
    ("HyperParameters.learning.rate", "LessThanOrEqualTo", "0.1", true), ("Metrics.cer:best", "LessThan", "6.5", false),
    ("Metrics.cer:best", "LessThan", "6.6", true), ("Metrics.other", "NotEquals", "1", true),
    ("Metrics.other", "NotExists", "", true), ("Tags.team.name", "In", "bank,archive", true),
    ("Tags.team.name", "Exists", "", true), ("Tags.team", "Exists", "", false),
    ("CreationTime", "GreaterThanOrEqualTo", "2026-11-18T11:06:40Z", true),
    ("CreationTime", "GreaterThan", "2026-11-19T00:00:00Z", false), ("EnableNetworkIsolation", "Equals", "False", true),
    ("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "test", true),
    ("InputDataConfig", "Exists", "", true), ("CreationTime.x", "Exists", "", false),
  ])
  func `a filter looks at one property`(_ name: String, _ comparison: String, _ value: String, _ holds: Bool) throws {
    let filter = SearchFilter(name, try #require(SearchFilter.Operator(rawValue: comparison)), value)
    #expect(filter.matches(record) == holds)
  }

  private func request(_ expression: JSON) throws -> SearchRequest {
    try SearchRequest(json: ["Resource": "TrainingJob", "SearchExpression": expression])
  }

  @Test func `nested filters must hold for one and the same element`() throws {
    func nested(_ channel: String, _ uri: String) throws -> Bool {
      try request([
        "NestedFilters": [
          [
            "NestedPropertyName": "InputDataConfig",
            "Filters": [
              ["Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": .string(channel)],
              ["Name": "InputDataConfig.DataSource.S3DataSource.S3Uri", "Operator": "Contains", "Value": .string(uri)],
            ],
          ]
        ]
      ]).expression?.matches(record) ?? false
    }
    #expect(try nested("train", "b/train") && !nested("train", "b/test"))
  }

  @Test func `expressions join by And and Or`() throws {
    let yes: JSON = ["Filters": [["Name": "TrainingJobName", "Value": "words-7"]]]
    let no: JSON = ["Filters": [["Name": "TrainingJobName", "Operator": "NotExists"]]]
    #expect(try request(["SubExpressions": [yes, no], "Operator": "Or"]).expression?.matches(record) == true)
    #expect(try request(["SubExpressions": [yes, no]]).expression?.matches(record) == false)
    #expect(try request(["Operator": "Or"]).expression?.matches(record) == true)
  }

  @Test func `what cannot be asked is told, and nesting has an end`() throws {
    #expect(throws: ServiceError.self) { try SearchRequest(json: ["Resource": "Nonsense"]) }
    #expect(throws: ServiceError.self) { try request(["Filters": [["Name": "a", "Operator": "Equals"]]]) }
    #expect(throws: ServiceError.self) {
      try SearchRequest(json: ["Resource": "Model", "CrossAccountFilterOption": "CrossAccount"])
    }
    var deep: JSON = ["Filters": [["Name": "a", "Value": "b"]]]
    for _ in 0..<20 { deep = ["SubExpressions": [deep]] }
    #expect(throws: ServiceError.self) { try request(deep) }
    // Twenty each on three levels are 8,000: reading ends at the bound.
    var wide: JSON = ["Filters": [["Name": "a", "Value": "b"]]]
    for _ in 0..<3 { wide = ["SubExpressions": .array(Array(repeating: wide, count: 20))] }
    #expect(throws: ServiceError.self) { try request(wide) }
  }

  @Test func `sort keys pass through a token`() {
    for key in [SearchSortKey.nothing, .number(-0.25), .number(1e300), .text(""), .text("n1")] {
      #expect(SearchSortKey(key.tokenText) == key)
    }
    #expect(SearchSortKey("x") == nil && SearchSortKey("") == nil)
  }
}
