import HostKit
import JSONKit
import Testing
import Wire

@Suite struct QueryRequestTests {
  private func read(_ form: String, query: String = "") throws(ServiceError) -> QueryRequest {
    try QueryRequest(query: query, form: Array(form.utf8))
  }

  @Test func `dotted names are structures and lists, in the order of their numbers`() throws {
    let request = try read(
      "Action=Do&Version=2011-06-15&Name=a+b%2Bc%C3%A9&Tags.member.2.Key=k2&Tags.member.10.Key=k10"
        + "&Tags.member.1.Key=k1&Tags.member.1.Value=&Deep.Inner.Leaf=x&Names.member.1=n")
    #expect(request.action == "Do")
    #expect(request.version == "2011-06-15")
    #expect(
      request.members == [
        "Name": "a b+cé",
        "Tags": [["Key": "k1", "Value": ""], ["Key": "k2"], ["Key": "k10"]],
        "Deep": ["Inner": ["Leaf": "x"]], "Names": ["n"],
      ])
  }

  @Test func `parameters may stand in the address, beside those of its signature`() throws {
    let request = try read("", query: "Action=Do&X-Amz-Signature=00&X-Amz-Expires=60&A=1")
    #expect(request.action == "Do")
    #expect(request.version == nil)
    #expect(request.members == ["A": "1"])
  }

  @Test func `numbers and truth values are texts`() throws {
    let members = try read("Action=Do&Count=12&Share=0.5&Flag=true&Bad=x").members
    var reader = ShapeReader(fromText: true)
    #expect(reader.integer(members, "Count", at: "count", in: 0...20) == 12)
    #expect(reader.number(members, "Share", at: "share", in: 0...1) == 0.5)
    #expect(reader.flag(members, "Flag", at: "flag") == true)
    try reader.finish()
    #expect(reader.integer(members, "Bad", at: "bad", in: 0...20) == nil)
    let error = #expect(throws: ServiceError.self) { try reader.finish() }
    #expect(error?.code == .serialization)
  }

  @Test(arguments: [
    ("", ServiceError.Code.unknownOperation), ("Version=1", .unknownOperation), ("Action=", .unknownOperation),
    ("{}", .unknownOperation), ("Action=Do&A=1&A=2", .validation), ("Action=Do&Action=Undo", .validation),
    ("Action=Do&A=1&%41=2", .validation), ("Action=Do&A=1&A.B=2", .validation), ("Action=Do&A..B=2", .validation),
    ("Action=Do&.=2", .validation), ("Action=Do&A.member.0=2", .validation), ("Action=Do&A.member.x=2", .validation),
    ("Action=Do&A.member.-1=2", .validation), ("Action=Do&A.member.99999999=2", .validation),
    ("Action=Do&A=%zz", .validation), ("Action=Do&A=%4", .validation), ("Action=Do&A=%ff", .validation),
    ("Action=Do&a.b.c.d.e.f.g.h.i.j.k.l.m=1", .validation),
  ])
  func `what is no such request is refused`(_ form: String, _ code: ServiceError.Code) {
    let error = #expect(throws: ServiceError.self) { try read(form) }
    #expect(error?.code == code)
  }

  @Test func `the number of parameters is bounded`() throws {
    let many = (0..<QueryRequest.mostParameters).map { "A.member.\($0 + 1)=x" }
    #expect(try read((["Action=Do"] + many.dropLast()).joined(separator: "&")).members["A"]?.array?.count == 1999)
    let error = #expect(throws: ServiceError.self) { try read((["Action=Do"] + many).joined(separator: "&")) }
    #expect(error?.code == .validation)
  }
}

@Suite struct QueryAnswerTests {
  @Test func `an answer is a result and the request's id`() {
    let text = QueryAnswer.success(
      "Do", result: ["A": "x<y&z", "L": ["1", "2"], "S": ["N": 7, "B": true], "Gone": .null], namespace: "urn:s",
      requestID: "r1")
    #expect(
      text == """
        <?xml version="1.0" encoding="UTF-8"?>
        <DoResponse xmlns="urn:s">
         <DoResult>
          <A>x&lt;y&amp;z</A>
          <L>
           <member>1</member>
           <member>2</member>
          </L>
          <S>
           <N>7</N>
           <B>true</B>
          </S>
         </DoResult>
         <ResponseMetadata>
          <RequestId>r1</RequestId>
         </ResponseMetadata>
        </DoResponse>

        """)
  }

  @Test(arguments: [(404, "Sender"), (503, "Receiver")])
  func `an error says whose fault it is`(_ status: Int, _ type: String) {
    let text = QueryAnswer.failure(code: "C", message: "M", status: status, namespace: "urn:s", requestID: "r1")
    #expect(
      text == """
        <?xml version="1.0" encoding="UTF-8"?>
        <ErrorResponse xmlns="urn:s">
         <Error>
          <Type>\(type)</Type>
          <Code>C</Code>
          <Message>M</Message>
         </Error>
         <RequestId>r1</RequestId>
        </ErrorResponse>

        """)
  }

  @Test(arguments: [
    ("ValidationException", "ValidationError"), ("UnknownOperationException", "InvalidAction"),
    ("AccessDeniedException", "AccessDenied"), ("InvalidClientTokenId", "InvalidClientTokenId"),
    ("NoSuchEntity", "NoSuchEntity"),
  ])
  func `errors have this protocol's names`(_ code: String, _ name: String) {
    #expect(QueryAnswer.code(code) == name)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_795_443_900_999, "2026-11-23T14:25:00Z"),
      (951_782_400_000, "2000-02-29T00:00:00Z"),
      (-1, "1969-12-31T23:59:59Z"),
    ] as [(Int64, String)])
  func `times are told to the second`(_ milliseconds: Int64, _ text: String) {
    #expect(QueryAnswer.text(Timestamp(milliseconds: milliseconds)) == text)
  }
}

@Suite struct RoleReferenceTests {
  @Test func `a role is known by its ARN, whatever its path`() throws {
    for path in ["", "service-role/", "a/b/c/"] {
      let role = try #require(RoleReference("arn:aws:iam::123456789012:role/\(path)Scribe"))
      #expect(role.account == "123456789012")
      #expect(role.name == "Scribe")
    }
  }

  @Test(arguments: [
    "", "Scribe", "arn:aws:iam::123456789012:role", "arn:aws:iam::123456789012:role/", "arn:aws:iam::1:role/Scribe",
    "arn:aws:iam::123456789012:user/Scribe", "arn:aws:iam::123456789012:roleScribe",
    "arn:aws:sts::123456789012:role/Scribe",
    "arn:aws:iam::123456789012:role/\(String(repeating: "x", count: 65))",
  ])
  func `what is no role's ARN is none`(_ text: String) {
    #expect(RoleReference(text) == nil)
  }
}
