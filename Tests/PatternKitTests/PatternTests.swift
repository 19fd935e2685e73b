import PatternKit
import Testing

@Suite struct PatternTests {
  private func find(_ pattern: String, _ line: String) throws -> String? {
    guard case .group(let bytes) = try Pattern(pattern).firstGroup(in: Array(line.utf8)) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What Python 3's `re.search(pattern, line)` gives as group 1, or group 0 without groups; nil for no match.
  static let python: [(String, String, String?)] = [
    ("Train loss ([0-9\\.]+)", "[3] Train loss 0.125, lr 1", "0.125"),
    ("iter: ([0-9]+)", "iter: 42 total_loss: 1.5", "42"),
    ("total_loss: ([0-9\\.]+)", "iter: 42 total_loss: 1.5", "1.5"),
    ("Train_loss: (.*?);", "Train_loss: 0.5; Val_loss: 0.7;", "0.5"),
    ("Accuracy=(.*?)%", "epoch 1 Accuracy=97.5% done", "97.5"),
    ("loss=[0-9.]+", "x loss=1.5 y", "loss=1.5"),
    ("(?P<value>\\d+) cer", "12 cer", "12"),
    ("(?P<q>['\"])(\\d+)(?P=q)", "a '7' b", "'"),
    ("(?:a|b)=(\\d+)", "b=3", "3"),
    ("(?i)LOSS: (\\S+)", "loss: 1e-3 ", "1e-3"),
    ("^step (\\d+)", "step 9", "9"),
    ("^step (\\d+)", " step 9", nil),
    ("loss (\\d+)$", "loss 12", "12"),
    ("(?<=cer )(\\d+)", "cer 5", "5"),
    ("wer (?!x)(\\w+)", "wer x wer y", "y"),
    ("(a)|b(\\d)", "b1", nil),
    ("x*", "abc", ""),
    ("\\bloss\\b\\D+(\\d+)", "a loss is 7", "7"),
    ("genauigkeit für (\\w+)", "genauigkeit für Århus", "Århus"),
    ("\\u00e5=(\\d+)", "å=1", "1"),
    ("\\x41=(\\d+)", "A=1", "1"),
    ("([+-]?\\d+(?:\\.\\d*)?(?:[eE][+-]?\\d+)?) bits", "-1.5e-3 bits", "-1.5e-3"),
    ("epoch.*loss.*acc: ([0-9.]+)", "epoch 1 loss 2 acc: 0.5", "0.5"),
    ("\"loss\": ([0-9.]+)", "{\"step\": 1, \"loss\": 0.25}", "0.25"),
    ("\\{\"loss\": (\\d+)\\}", "{\"loss\": 3}", "3"),
    ("(\\d{1,3})%\\|", " 45%|####", "45"),
    ("[^=]+=([^,;]+)[,;]", "a=1,b=2;", "1"),
    ("\\[(\\d+)/(\\d+)\\]", "[3/10]", "3"),
  ]

  @Test(arguments: python.indices)
  func `searches as Python does`(index: Int) throws {
    let (pattern, line, expected) = Self.python[index]
    #expect(try find(pattern, line) == expected, "\(pattern)")
  }

  @Test(arguments: [
    "(a+)+$", "(.*)*x", "(\\w+\\s?)*:", "(x+x+)+y", "(\\d+,?)+;", "loss: (\\d+\\.?)+!", "(a|aa)+$", "(a|a)*b",
    "([a-zA-Z]+)*1", "epoch=(\\d+ ?)+;", "^(\\s*\\w*)*=", "(.*?,?){20}x", "(\\S+)*\\t1",
  ])
  func `a pattern that backtracks without bound is refused`(pattern: String) {
    let error = #expect(throws: PatternError.self) { try Pattern(pattern) }
    #expect(error?.code == .backtracks)
    #expect(error?.description.contains(pattern) == true)
  }

  @Test(arguments: [
    ("(abc", 4), ("a)", 1), ("[z-a]", 3), ("*a", 0), ("a{2,1}", 5), ("(?P<n", 5), ("\\C", 2), ("(*UCP)a", 1),
  ])
  func `a pattern that does not compile says where`(pattern: String, offset: Int) {
    let error = #expect(throws: PatternError.self) { try Pattern(pattern) }
    #expect(error?.code == .syntax && error?.reason.isEmpty == false)
    #expect(error?.offset == offset, "\(error?.description ?? "")")
  }

  @Test func `a pattern too long or too deep is refused`() {
    #expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: 5000)) }
    #expect(throws: PatternError.self) {
      try Pattern(String(repeating: "(", count: 60) + "a" + String(repeating: ")", count: 60))
    }
  }

  @Test func `bytes that are not UTF-8 do not hide the match beside them`() throws {
    let line: [UInt8] = [0xFF, 0xC3] + Array("loss=5".utf8) + [0xFE, 0x80]
    #expect(try Pattern("loss=(\\d+)").firstGroup(in: line) == .group([0x35]))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a slow line ends at the limit`() throws {
    // Quadratic from each start, hence cubic over the line: harmless on lines of usual length, so it is taken.
    let pattern = try Pattern("a.*b.*[cd]")
    let line = Array(String(repeating: "ab", count: 4096).utf8)
    let clock = ContinuousClock()
    let time = clock.measure { #expect(pattern.firstGroup(in: line) == .limitExceeded) }
    #expect(time < .seconds(20))
  }

  @Test func `an empty line is a line`() throws {
    #expect(try Pattern("^$").firstGroup(in: []) == .group([]))
    #expect(try Pattern("a").firstGroup(in: []) == .noMatch)
  }
}
