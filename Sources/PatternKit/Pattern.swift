import CPCRE2
import Glibc

/// A compiled regular expression that searches lines a stranger wrote, under bounds that hold for any line.
///
/// Perl-compatible syntax, which covers what Python's `re` takes for metric definitions, named groups included. Lines
/// need not be valid UTF-8. A pattern that can backtrack exponentially is refused when it is made; what slips through
/// meets a limit on steps, depth, memory and processor time at each match.
public struct Pattern: Sendable {
  public enum Match: Sendable, Equatable {
    case noMatch
    /// The text of the first group; of the whole match when the pattern has no group.
    case group([UInt8])
    /// Given up: the line asks for more steps than one line is worth.
    case limitExceeded
  }

  public let source: String
  private let code: CompiledPattern

  public init(_ source: String) throws(PatternError) {
    self.source = source
    code = try CompiledPattern(source, options: 0, limits: .matching)
    try BacktrackingProbe.check(source)
  }

  /// Searches one line, as Python's `re.search` does.
  public func firstGroup(in line: [UInt8]) -> Match {
    line.withUnsafeBufferPointer { firstGroup(in: $0) }
  }

  func firstGroup(in line: UnsafeBufferPointer<UInt8>) -> Match {
    switch code.search(line) {
    case .none: .noMatch
    case .exceeded: .limitExceeded
    case .found(let range): .group(Array(line[range]))
    }
  }
}

/// PCRE2's code with the limits it runs under.
///
/// Unchecked: PCRE2 documents compiled code and match contexts as shareable between threads while nobody changes them,
/// and both are set up in `init` and only read afterwards; what a match writes to is made for that match.
final class CompiledPattern: @unchecked Sendable {
  struct Limits {
    let steps: UInt32
    let depth: UInt32
    /// Processor time of one search, over all its starting points, which each have `steps`.
    let nanoseconds: Int64

    static let matching = Limits(steps: 100_000, depth: 50_000, nanoseconds: 100_000_000)
    static let probing = Limits(steps: 100_000, depth: 50_000, nanoseconds: 50_000_000)
  }

  enum Outcome {
    case none, exceeded
    case found(Range<Int>)
  }

  private let code: OpaquePointer
  private let context: OpaquePointer
  private let hasGroup: Bool
  private let nanoseconds: Int64

  /// Stands before every pattern: PCRE2 calls us at each starting point, where we look at the clock.
  private static let callout = "(?C1)"
  private static let maximumBytes = 4096
  private static let heapKibibytes: UInt32 = 32 << 10

  init(_ source: String, options: UInt32, limits: Limits) throws(PatternError) {
    guard source.utf8.count <= Self.maximumBytes else {
      throw PatternError(.syntax, pattern: source, reason: "longer than \(Self.maximumBytes) bytes")
    }
    // These set PCRE2's own options, limits among them, and no other engine knows them.
    guard !source.hasPrefix("(*") else {
      throw PatternError(.syntax, pattern: source, reason: "nothing to repeat", offset: 1)
    }
    code = try Self.compile(source, options: options)
    guard let context = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(code)
      throw PatternError(.syntax, pattern: source, reason: "not enough memory")
    }
    self.context = context
    nanoseconds = limits.nanoseconds
    var groups: UInt32 = 0
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &groups)
    hasGroup = groups > 0
    pcre2_set_match_limit_8(context, limits.steps)
    pcre2_set_depth_limit_8(context, limits.depth)
    pcre2_set_heap_limit_8(context, Self.heapKibibytes)
  }

  deinit {
    pcre2_match_context_free_8(context)
    pcre2_code_free_8(code)
  }

  func search(_ line: UnsafeBufferPointer<UInt8>) -> Outcome {
    guard let matchMemory = pcre2_match_data_create_8(2, nil) else { return .exceeded }
    defer { pcre2_match_data_free_8(matchMemory) }
    // The context holds the callout's argument, so a search with its own clock needs its own copy.
    guard let own = pcre2_match_context_copy_8(context) else { return .exceeded }
    defer { pcre2_match_context_free_8(own) }
    var budget = SearchBudget(nanoseconds: nanoseconds)
    let status = withUnsafeMutablePointer(to: &budget) { budget in
      pcre2_set_callout_8(
        own, { _, budget in budget?.assumingMemoryBound(to: SearchBudget.self).pointee.take() ?? 0 }, budget)
      return pcre2_match_8(code, line.baseAddress, line.count, 0, 0, matchMemory, own)
    }
    guard status >= 0 else { return status == PCRE2_ERROR_NOMATCH ? .none : .exceeded }
    guard let offsets = pcre2_get_ovector_pointer_8(matchMemory) else { return .none }
    let (start, end) = hasGroup ? (offsets[2], offsets[3]) : (offsets[0], offsets[1])
    // A group that took no part is unset (-1 here); \K within look-around can put an end before its start.
    guard start >= 0, start <= end, end <= line.count else { return .none }
    return .found(start..<end)
  }

  private static func compile(_ source: String, options: UInt32) throws(PatternError) -> OpaquePointer {
    guard let context = pcre2_compile_context_create_8(nil) else {
      throw PatternError(.syntax, pattern: source, reason: "not enough memory")
    }
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_parens_nest_limit_8(context, 50)
    let text = Array((callout + source).utf8)
    var error: Int32 = 0
    var offset = 0
    let all = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_BSUX | options
    if let code = pcre2_compile_8(text, text.count, all, &error, &offset, context) { return code }
    var message = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(error, &message, message.count)
    let reason = String(decoding: message[..<Int(max(length, 0))], as: UTF8.self)
    throw PatternError(.syntax, pattern: source, reason: reason, offset: max(0, offset - callout.utf8.count))
  }
}

/// Counts the starting points of a search and stops it when its processor time is used up. PCRE2's own step limit
/// begins anew at each starting point, so a long line could multiply it by its length.
private struct SearchBudget {
  private let nanoseconds: Int64
  private var starts = 0
  private var end: Int64 = .max

  init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  mutating func take() -> Int32 {
    starts += 1
    // Most searches end within a few starts and never pay for the clock.
    guard starts & 31 == 0 else { return 0 }
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    if end == .max { end = now + nanoseconds }
    return now < end ? 0 : PCRE2_ERROR_CALLOUT
  }
}
