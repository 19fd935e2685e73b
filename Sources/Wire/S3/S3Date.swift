import Glibc
public import HostKit

/// Times as S3 writes them: whole seconds in headers, milliseconds in XML, always UTC.
public enum S3Date {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// `Tue, 24 Nov 2026 05:10:00 GMT`.
  public static func header(_ time: Timestamp) -> String {
    let (date, _) = parts(time)
    return "\(days[Int(date.tm_wday)]), \(two(date.tm_mday)) \(months[Int(date.tm_mon)]) \(year(date)) "
      + "\(two(date.tm_hour)):\(two(date.tm_min)):\(two(date.tm_sec)) GMT"
  }

  /// `2026-11-24T05:10:00.123Z`.
  static func element(_ time: Timestamp) -> String {
    let (date, milliseconds) = parts(time)
    let fraction = String(1000 + milliseconds).dropFirst()
    return "\(year(date))-\(two(date.tm_mon + 1))-\(two(date.tm_mday))T"
      + "\(two(date.tm_hour)):\(two(date.tm_min)):\(two(date.tm_sec)).\(fraction)Z"
  }

  /// Seconds since 1970 of a header; nil for what is no date, which then counts as not there (RFC 9110, 13.1.3).
  static func seconds(ofHeader text: String) -> Int64? {
    guard text.utf8.count == 29 else { return nil }
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(where: { $0 == words[2] }) else {
      return nil
    }
    let clock = words[4].split(separator: ":")
    let numbers = ([words[1], words[3]] + clock).compactMap { Int32($0) }
    guard clock.count == 3, numbers.count == 5 else { return nil }
    var date = tm()
    (date.tm_mday, date.tm_mon, date.tm_year) = (numbers[0], Int32(month), numbers[1] - 1900)
    (date.tm_hour, date.tm_min, date.tm_sec) = (numbers[2], numbers[3], numbers[4])
    let seconds = timegm(&date)
    // The 30th of February comes back as another day.
    return header(Timestamp(milliseconds: Int64(seconds) * 1000)) == text ? Int64(seconds) : nil
  }

  private static func parts(_ time: Timestamp) -> (date: tm, milliseconds: Int64) {
    let fraction = (time.milliseconds % 1000 + 1000) % 1000
    var seconds = time_t((time.milliseconds - fraction) / 1000)
    var date = tm()
    gmtime_r(&seconds, &date)
    return (date, fraction)
  }

  private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  private static func year(_ date: tm) -> String { "\(Int(date.tm_year) + 1900)" }
}
