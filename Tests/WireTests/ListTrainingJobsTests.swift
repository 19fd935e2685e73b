import JSONKit
import Testing
import Wire

@Suite struct ListTrainingJobsTests {
  @Test func `without members the oldest ten come first`() throws {
    let request = try ListTrainingJobsRequest(json: .object(.init()))
    #expect(request.limit == 10)
    #expect(request.isAscending)
    #expect(request.sortBy == .creationTime)
  }

  @Test func `a token leads to the page after its row`() throws {
    let json: JSON = ["SortBy": "Name", "NameContains": "a"]
    let first = try ListTrainingJobsRequest(json: json)
    let token = first.token(after: .init(value: "abc", id: 7))
    var next = json.object ?? .init()
    next["NextToken"] = .string(token)
    #expect(try ListTrainingJobsRequest(json: .object(next)).position == .init(value: "abc", id: 7))
  }

  @Test func `a token of other filters is refused`() throws {
    let token = try ListTrainingJobsRequest(json: ["SortBy": "Name"]).token(after: .init(value: "abc", id: 7))
    #expect(throws: ServiceError.self) { try ListTrainingJobsRequest(json: ["NextToken": .string(token)]) }
  }

  @Test(arguments: ["x", "zz", "7b7d", "é", "7b2276223a312c"])
  func `garbage is no token`(token: String) {
    #expect(throws: ServiceError.validation("Invalid NextToken.")) {
      try ListTrainingJobsRequest(json: ["NextToken": .string(token)])
    }
  }

  @Test(arguments: [
    ("MaxResults", JSON.integer(0)), ("MaxResults", 101), ("SortBy", "Size"), ("SortOrder", "Up"),
    ("StatusEquals", "Done"), ("NameContains", "a_b"), ("WarmPoolStatusEquals", "Available"),
  ])
  func `values outside their range are refused`(member: String, value: JSON) {
    #expect(throws: ServiceError.self) { try ListTrainingJobsRequest(json: .object(.init([(member, value)]))) }
  }
}
