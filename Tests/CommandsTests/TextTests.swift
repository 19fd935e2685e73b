import HostKit
import Testing

@testable import Commands

struct TextTests {
  static let now = Timestamp(milliseconds: 1_782_907_203_045)

  @Test(
    arguments: [
      (0.04, "0.0 s"), (9.96, "10.0 s"), (12.7, "12 s"), (185, "3 min 05 s"), (7620, "2 h 07 min"),
      (273_600, "3 d 04 h"),
      (-3, "0.0 s"),
    ] as [(Double, String)])
  func `durations read well at any size`(seconds: Double, text: String) {
    #expect(AmountText.duration(seconds: seconds) == text)
  }

  @Test(arguments: [(812, "812 B"), (1536, "1.5 KiB"), (3 << 30, "3.0 GiB")] as [(Int64, String)])
  func `bytes have binary units`(count: Int64, text: String) {
    #expect(AmountText.bytes(count) == text)
  }

  @Test(
    arguments: [
      (0, "0"), (0.125, "0.125"), (1234, "1234"), (3.1e-7, "3.1e-07"), (-2.5, "-2.5"), (1.0 / 3, "0.333333"),
      (123456.789, "123457"), (2e12, "2e+12"), (.nan, "nan"), (.infinity, "inf"),
    ] as [(Double, String)])
  func `numbers have six digits and no needless zeros`(value: Double, text: String) {
    #expect(AmountText.number(value) == text)
  }

  @Test(
    arguments: [
      ("2026-07-01T12:00:03Z", 1_782_907_203_000), ("2026-07-01 12:00Z", 1_782_907_200_000),
      ("2026-07-01Z", 1_782_864_000_000), ("1782907203", 1_782_907_203_000), ("2h", 1_782_900_003_045),
      ("30m", 1_782_905_403_045), ("7d", 1_782_302_403_045),
    ] as [(String, Int64)])
  func `times are dates, epoch seconds or ages`(text: String, milliseconds: Int64) {
    #expect(CalendarText.parse(text, now: Self.now)?.milliseconds == milliseconds)
  }

  @Test(arguments: ["", "x", "2026-13-01", "2026-07-01T25:00", "2026-07", "-2h", "12", "2026-07-01T12:00:03X", "Z"])
  func `what is no time is refused`(text: String) {
    #expect(CalendarText.parse(text, now: Self.now) == nil)
  }

  @Test func `a name's suffix is UTC with milliseconds`() {
    #expect(CalendarText.nameSuffix(Self.now) == "2026-07-01-12-00-03-045")
  }

  @Test(arguments: [
    ("plain-1.0_/x", "plain-1.0_/x"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$x", "'$x'"),
  ])
  func `shell words are quoted when needed`(text: String, quoted: String) {
    #expect(shellQuoted(text) == quoted)
  }

  @Test(arguments: [("/a/./b/../c", "/a/c"), ("x", "/w/x"), ("../x", "/x"), ("/", "/"), ("/../..", "/")])
  func `paths become absolute`(path: String, expected: String) {
    #expect(absolutePath(path, from: "/w") == expected)
  }
}

struct TableTests {
  let table = Table(
    columns: [.init(title: "NAME", mayShrink: true), .init(title: "N", isNumeric: true), .init(title: "S")],
    rows: [["a-very-long-name-indeed", "7", "ok"], ["short", "120", ""]])

  @Test func `a table without a screen is never cut`() {
    #expect(
      table.lines(width: nil) == [
        "NAME                       N  S", "a-very-long-name-indeed    7  ok", "short                    120",
      ])
  }

  @Test func `a narrow screen cuts the column that may shrink`() {
    #expect(
      table.lines(width: 20) == ["NAME           N  S", "a-very-lon…    7  ok", "short        120"])
    #expect(table.lines(width: 20).allSatisfy { $0.count <= 20 })
  }

  @Test func `control characters of a job never reach the terminal`() {
    var table = Table(columns: [.init(title: "A")])
    table.rows = [["x\u{1B}[31my\u{9B}z\nq"]]
    #expect(table.lines(width: nil)[1] == "x [31my z q")
  }
}

struct LastLinesTests {
  @Test(
    arguments: [
      (2, ["a\nb\nc\n"], "b\nc\n"), (2, ["a\nb\nc"], "b\nc"), (1, ["a\n", "b", "\n"], "b\n"), (5, ["a\n"], "a\n"),
      (0, ["a\n"], ""), (3, ["\n", "\n", "\n", "x"], "\n\nx"),
    ] as [(Int, [String], String)])
  func `the last lines of a stream remain`(count: Int, parts: [String], expected: String) {
    var last = LastLines(count: count)
    for part in parts { Array(part.utf8).withUnsafeBytes { last.append($0) } }
    #expect(String(decoding: last.bytes, as: UTF8.self) == expected)
  }

  @Test func `a line without end is kept in bounds`() {
    var last = LastLines(count: 1, limit: 100)
    for _ in 0..<10 { [UInt8](repeating: 0x61, count: 64).withUnsafeBytes { last.append($0) } }
    #expect(last.bytes.count == 100)
  }
}
