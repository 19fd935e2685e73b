import Testing
import Wire

@Suite struct LogFilterTests {
  @Test(arguments: [
    ("", "anything", true), ("loss", "Train loss 1", true), ("Loss", "Train loss 1", false),
    ("Train loss", "loss of Train", true), ("\"Train loss\"", "loss of Train", false),
    ("\"Train loss\"", "a Train loss b", true), ("loss -Train", "Test loss", true),
    ("loss -Train", "Train loss", false),
    ("?a ?b", "only b", true), ("?x ?z", "only b", false), ("-\"a b\"", "x a b", false), ("loss ?none", "loss", true),
  ])
  func `a pattern finds what it says`(pattern: String, message: String, isFound: Bool) throws {
    #expect(try LogFilter(pattern).matches(message) == isFound)
  }

  @Test(arguments: ["{ $.level = \"x\" }", "[ip, user]", "%[0-9]+%", "\"open", String(repeating: "x", count: 1025)])
  func `what is not offered or not closed is refused by name`(pattern: String) {
    let error = #expect(throws: ServiceError.self) { try LogFilter(pattern) }
    #expect(error?.code == .invalidParameter)
  }
}
