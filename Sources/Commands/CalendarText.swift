import Glibc
import HostKit

/// Moments as people write and read them.
enum CalendarText {
  /// `2026-07-01 12:00:03` in the local time zone.
  static func local(_ moment: Timestamp) -> String {
    var seconds = time_t(moment.milliseconds / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return text(parts, "%Y-%m-%d %H:%M:%S")
  }

  /// `2026-07-01-12-00-03-123` in UTC: what SageMaker's SDK appends to a base name.
  static func nameSuffix(_ moment: Timestamp) -> String {
    var seconds = time_t(moment.milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return text(parts, "%Y-%m-%d-%H-%M-%S-") + padded(Int(moment.milliseconds % 1000), 3)
  }

  /// `ISO date[Ttime][Z]` (local without `Z`), epoch seconds, or an age such as `30m`, `2h`, `7d`; nil when it is
  /// none of them.
  static func parse(_ text: String, now: Timestamp) -> Timestamp? {
    if let age = age(text) { return now.advanced(bySeconds: -age) }
    if let seconds = Double(text), seconds > 1_000_000, seconds < 1e11 {
      return Timestamp(seconds: seconds)
    }
    return date(text)
  }

  private static func date(_ text: String) -> Timestamp? {
    let isUniversal = text.hasSuffix("Z")
    let halves = text.dropLast(isUniversal ? 1 : 0).split(
      maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "T" || $0 == " " })
    guard let day = numbers(halves[0], "-", [1970...9999, 1...12, 1...31]), day.count == 3,
      let time = numbers(halves.count > 1 ? halves[1] : "0:0", ":", [0...23, 0...59, 0...60]),
      time.count >= 2
    else { return nil }
    var parts = tm()
    parts.tm_year = Int32(day[0] - 1900)
    parts.tm_mon = Int32(day[1] - 1)
    parts.tm_mday = Int32(day[2])
    parts.tm_hour = Int32(time[0])
    parts.tm_min = Int32(time[1])
    parts.tm_sec = Int32(time.count > 2 ? time[2] : 0)
    parts.tm_isdst = -1
    return Timestamp(milliseconds: Int64(isUniversal ? timegm(&parts) : mktime(&parts)) * 1000)
  }

  /// Numbers between separators, each in its range; nil when one is not.
  private static func numbers(
    _ text: Substring, _ separator: Character, _ ranges: [ClosedRange<Int>]
  ) -> [Int]? {
    let fields = text.split(separator: separator, omittingEmptySubsequences: false)
    guard fields.count <= ranges.count else { return nil }
    let values = zip(fields, ranges).compactMap { field, range in
      Int(field).flatMap { range.contains($0) ? $0 : nil }
    }
    return values.count == fields.count ? values : nil
  }

  private static func age(_ text: String) -> Double? {
    guard let unit = text.last, let count = Double(text.dropLast()), count >= 0 else { return nil }
    switch unit {
    case "s": return count
    case "m": return count * 60
    case "h": return count * 3600
    case "d": return count * 86400
    default: return nil
    }
  }

  private static func text(_ parts: tm, _ format: String) -> String {
    var parts = parts
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Amounts as people read them.
enum AmountText {
  /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`.
  static func duration(seconds: Double) -> String {
    let whole = Int(max(0, min(seconds, 1e12)).rounded(.down))
    switch whole {
    case ..<10: return "\(fixed(max(0, seconds), 1)) s"
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(padded(whole % 60, 2)) s"
    case ..<86400: return "\(whole / 3600) h \(padded(whole / 60 % 60, 2)) min"
    default: return "\(whole / 86400) d \(padded(whole / 3600 % 24, 2)) h"
    }
  }

  /// `812 B`, `1.5 MiB`.
  static func bytes(_ count: Int64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var amount = Double(count)
    var unit = ""
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] where amount >= 1024 {
      amount /= 1024
      unit = next
    }
    return "\(fixed(amount, 1)) \(unit)"
  }

  /// At most six significant digits and no needless zeros: `0.125`, `1234`, `3.1e-07`.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value == value.rounded(), abs(value) < 1e9 { return String(Int64(value)) }
    let size = abs(value)
    if size < 1e-4 || size >= 1e9 { return scientific(value) }
    let places = max(0, 5 - Int(log10(size).rounded(.down)))
    var text = fixed(value, places)
    if text.contains(".") {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    return text
  }

  private static func scientific(_ value: Double) -> String {
    let exponent = Int(log10(abs(value)).rounded(.down))
    let mantissa = number(value / pow(10, Double(exponent)) + 0.0)
    return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(padded(abs(exponent), 2))"
  }
}

/// A value with exactly `places` digits after its point.
func fixed(_ value: Double, _ places: Int) -> String {
  let scale = pow(10, Double(places))
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e18 else { return "\(value)" }
  let digits = padded(Int(scaled), places + 1)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return places == 0
    ? sign + digits : "\(sign)\(digits.dropLast(places)).\(digits.suffix(places))"
}

/// A number with leading zeros.
func padded(_ number: Int, _ digits: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
