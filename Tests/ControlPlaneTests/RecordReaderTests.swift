import ArtifactStore
import HostKit
import TestKit
import Testing

@testable import ControlPlane

/// Objects as the bodies of requests.
@Suite struct RecordReaderTests {
  private func bodies(of text: String, by unit: RecordReader.Unit, limit: Int) async throws -> [String] {
    try await withScratchFolder { folder in
      let store = BucketStore(root: folder)
      try store.createBucket("bucket")
      let address = ObjectAddress(bucket: "bucket", key: "key")
      try store.put(Array(text.utf8), at: address)
      let reader = try RecordReader(try #require(try store.open(address)), by: unit, limit: limit)
      var bodies: [String] = []
      while let body = try reader.next() { bodies.append(String(decoding: body, as: UTF8.self)) }
      return bodies
    }
  }

  @Test(
    arguments: [
      (.object, "a\nb\n", 8, ["a\nb\n"]), (.object, "12345678", 8, ["12345678"]), (.object, "", 8, []),
      (.line, "a\nbb\n\nc", 8, ["a\n", "bb\n", "\n", "c"]), (.line, "", 8, []), (.line, "\n", 8, ["\n"]),
      (.line, "1234567\n1234567\n", 8, ["1234567\n", "1234567\n"]), (.line, "12345678", 8, ["12345678"]),
      (.lines, "a\nb\nc\n", 4, ["a\nb\n", "c\n"]), (.lines, "a\nb\nc", 4, ["a\nb\n", "c"]),
      (.lines, "a\nb\nc", 5, ["a\nb\nc"]), (.lines, "123\n1\n2\n", 4, ["123\n", "1\n2\n"]), (.lines, "", 4, []),
    ] as [(RecordReader.Unit, String, Int, [String])])
  func `put together again the bodies are the object`(
    _ item: (unit: RecordReader.Unit, text: String, limit: Int, bodies: [String])
  ) async throws {
    #expect(try await bodies(of: item.text, by: item.unit, limit: item.limit) == item.bodies)
  }

  @Test(
    arguments: [
      (.object, "123456789"), (.line, "123456789"), (.line, "12345678\n"), (.line, "a\n123456789\n"),
      (.lines, "12345678\n"), (.lines, "a\n123456789"),
    ] as [(RecordReader.Unit, String)])
  func `what is longer than a request may be is refused`(_ item: (unit: RecordReader.Unit, text: String)) async throws {
    let error = await #expect(throws: ObjectFault.self) { try await bodies(of: item.text, by: item.unit, limit: 8) }
    #expect(error?.description.hasPrefix("ClientError: ") == true)
  }

  @Test func `objects longer than any buffer lose nothing`() async throws {
    let lines = (0..<50_000).map { "line \($0)\n" }
    let text = lines.joined()
    #expect(try await bodies(of: text, by: .line, limit: 100) == lines)
    let many = try await bodies(of: text, by: .lines, limit: 10_000)
    #expect(many.joined() == text)
    #expect(many.allSatisfy { $0.utf8.count <= 10_000 && $0.utf8.last == 0x0A })
    // Each is filled as far as lines go.
    #expect(many.dropLast().allSatisfy { $0.utf8.count > 9_980 })
    #expect(try await bodies(of: text, by: .object, limit: text.utf8.count) == [text])
  }
}
