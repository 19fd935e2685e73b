import HostKit
import JSONKit
import Resources
import Testing
import Wire

@Suite struct ListRequestTests {
  @Test func `models, configurations and endpoints are listed newest first`() throws {
    #expect(try !ListModelsRequest(json: .object(.init())).isAscending)
    #expect(try !ListEndpointConfigsRequest(json: .object(.init())).isAscending)
    #expect(try !ListEndpointsRequest(json: .object(.init())).isAscending)
    #expect(try ListEndpointsRequest(json: ["SortOrder": "Ascending"]).isAscending)
    #expect(try ListEndpointsRequest(json: .object(.init())).sortBy == .creationTime)
  }

  @Test func `every filter is read`() throws {
    let request = try ListEndpointsRequest(json: [
      "NameContains": "wor", "StatusEquals": "InService", "CreationTimeAfter": .number(1.5), "CreationTimeBefore": 2,
      "LastModifiedTimeAfter": 3, "LastModifiedTimeBefore": 4, "SortBy": "Status", "MaxResults": 7,
    ])
    #expect(request.nameContains == "wor")
    #expect(request.status == .inService)
    #expect(request.createdAfter == Timestamp(milliseconds: 1500))
    #expect(request.createdBefore == Timestamp(milliseconds: 2000))
    #expect(request.modifiedAfter == Timestamp(milliseconds: 3000))
    #expect(request.modifiedBefore == Timestamp(milliseconds: 4000))
    #expect(request.sortBy == .status)
    #expect(request.limit == 7)
    #expect(!request.matchesNothing)
  }

  @Test(arguments: ["OutOfService", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"])
  func `a status that htr never shows matches nothing`(status: String) throws {
    let request = try ListEndpointsRequest(json: ["StatusEquals": .string(status)])
    #expect(request.matchesNothing)
    #expect(request.status == nil)
  }

  @Test(arguments: EndpointStatus.allCases)
  func `every status of ours can be asked for`(status: EndpointStatus) throws {
    #expect(try ListEndpointsRequest(json: ["StatusEquals": .string(status.rawValue)]).status == status)
  }

  @Test(arguments: [
    ("MaxResults", JSON.integer(0)), ("MaxResults", 101), ("SortBy", "Status"), ("SortOrder", "Up"),
    ("NameContains", "a_b"), ("CreationTimeAfter", "yesterday"),
  ])
  func `values outside their range are refused for what never changes too`(member: String, value: JSON) {
    let json = JSON.object(.init([(member, value)]))
    #expect(throws: ServiceError.self) { try ListModelsRequest(json: json) }
    #expect(throws: ServiceError.self) { try ListEndpointConfigsRequest(json: json) }
  }

  @Test func `an answer without more rows has no token`() throws {
    let request = try ListModelsRequest(json: ["MaxResults": 2])
    let answer = request.answer([.fixture("b", id: 2), .fixture("a", id: 1)])
    #expect(answer["Models"]?.array?.map { $0["ModelName"]?.string } == ["b", "a"])
    #expect(answer["NextToken"] == nil)
    #expect(request.answer([]) == ["Models": []])
  }

  @Test(
    arguments: [("Name", "b"), ("CreationTime", ""), ("Status", "Creating")])
  func `an answer with one row too many leads to the next page`(sortBy: String, value: String) throws {
    let query: JSON = ["MaxResults": 1, "SortBy": .string(sortBy)]
    let answer = try ListEndpointsRequest(json: query).answer([.fixture("b", id: 2), .fixture("a", id: 1)])
    #expect(answer["Endpoints"]?.array?.count == 1)
    let token = try #require(answer["NextToken"])
    let next = try ListEndpointsRequest(json: JSON(query, changing: ["NextToken": token]))
    #expect(next.position == .init(value: value, id: 2))
  }

  @Test(
    arguments: [
      ["SortBy": "Name"], ["SortOrder": "Ascending"], ["NameContains": "a"], ["StatusEquals": "Failed"],
      ["CreationTimeAfter": 0], ["CreationTimeBefore": 0], ["LastModifiedTimeAfter": 0], ["LastModifiedTimeBefore": 0],
    ] as [JSON])
  func `a token is bound to each filter`(other: JSON) throws {
    let token = try ListEndpointsRequest(json: .object(.init())).token(after: .init(value: "", id: 7))
    #expect(throws: ServiceError.self) {
      try ListEndpointsRequest(json: JSON(other, changing: ["NextToken": .string(token)]))
    }
    let size: JSON = ["MaxResults": 3, "NextToken": .string(token)]
    #expect(try ListEndpointsRequest(json: size).position?.id == 7)
  }

  @Test func `a token of another list is refused`() throws {
    let token = try ListModelsRequest(json: .object(.init())).token(after: .init(value: "", id: 7))
    #expect(throws: ServiceError.self) { try ListEndpointConfigsRequest(json: ["NextToken": .string(token)]) }
  }

  @Test func `the other faults of a request come before its token's`() {
    #expect(
      serviceError { () throws(ServiceError) in
        _ = try ListModelsRequest(json: ["NextToken": "x", "MaxResults": 0])
      }?.message.contains("maxResults") == true)
  }
}
