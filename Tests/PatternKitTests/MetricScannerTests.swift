import PatternKit
import Testing

@Suite struct MetricScannerTests {
  private func scanner(_ definitions: KeyValuePairs<String, String>, at offset: Int64 = 0) throws -> MetricScanner {
    MetricScanner(definitions: try definitions.map { ($0, try Pattern($1)) }, startOffset: offset)
  }

  @Test func `several definitions may hit one line`() throws {
    var scanner = try scanner(["loss": "loss ([0-9.]+)", "cer": "cer ([0-9.]+)"])
    let found = scanner.consume(Array("loss 1.5 cer 0.25\n".utf8))
    #expect(
      found == [
        MetricMatch(name: "loss", value: 1.5, byteOffset: 16), MetricMatch(name: "cer", value: 0.25, byteOffset: 16),
      ])
  }

  @Test(arguments: 1...23)
  func `lines are found however the log is cut`(size: Int) throws {
    let log = Array("loss 1\nnothing\r\nloss 2\r 10%\rloss 3\n\nloss 4".utf8)
    var scanner = try scanner(["loss": "loss (\\d)"], at: 100)
    var found: [MetricMatch] = []
    for start in stride(from: 0, to: log.count, by: size) {
      found += scanner.consume(Array(log[start..<min(start + size, log.count)]))
    }
    #expect(found.map(\.value) == [1, 2, 3])
    #expect(scanner.consumedBytes == 100 + Int64(log.count) - 6)
    found += scanner.finish()
    #expect(found.map(\.value) == [1, 2, 3, 4])
    #expect(found.map(\.byteOffset) == [105, 121, 133, 141])
    #expect(scanner.consumedBytes == 100 + Int64(log.count))
  }

  @Test func `a scanner that resumes finds nothing twice and misses nothing`() throws {
    let log = Array("loss 1\nloss 2\nloss 3\n".utf8)
    for cut in 0...log.count {
      var first = try scanner(["loss": "loss (\\d)"])
      var values = first.consume(Array(log[..<cut])).map(\.value)
      var second = try scanner(["loss": "loss (\\d)"], at: first.consumedBytes)
      values += second.consume(Array(log[Int(first.consumedBytes)...])).map(\.value)
      #expect(values == [1, 2, 3])
    }
  }

  @Test func `of a long line only the beginning counts`() throws {
    var scanner = try scanner(["loss": "loss (\\d)"])
    let padding = [UInt8](repeating: UInt8(ascii: "."), count: 100_000)
    let early = scanner.consume(Array("loss 1 ".utf8) + padding + Array("\n".utf8))
    let late = scanner.consume(padding + Array("loss 2\nloss 3\n".utf8))
    #expect(early.map(\.value) == [1] && early.first?.byteOffset == 100_006)
    #expect(late.map(\.value) == [3])
  }

  @Test(
    arguments: [
      ("1.5", 1.5), (" 1e-3 ", 1e-3), ("-2", -2), ("+.5", 0.5), ("7.", 7), ("nan", nil), ("inf", nil), ("0x10", nil),
      ("1e999", nil), ("", nil), ("1 2", nil), ("abc", nil), ("1,5", nil), ("--1", nil),
    ] as [(String, Double?)])
  func `only finite decimal numbers count`(text: String, value: Double?) throws {
    var scanner = try scanner(["v": "v=(.*)"])
    #expect(scanner.consume(Array("v=\(text)\n".utf8)).first?.value == value)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a definition that keeps exceeding its limit is switched off alone`() throws {
    var scanner = try scanner(["slow": "a.*b.*[cd]", "loss": "loss (\\d)"])
    let line = Array(("loss 1 " + String(repeating: "ab", count: 2000) + "\n").utf8)
    for _ in 0..<19 { #expect(scanner.consume(line).count == 1) }
    #expect(scanner.disabled.isEmpty)
    #expect(scanner.consume(line).count == 1)
    #expect(scanner.disabled == ["slow"])
    #expect(scanner.consume(line).count == 1)
  }
}
