/// A whole second of UTC in the form that signatures carry: `20261123T142500Z`.
struct SigningTime: Equatable {
  /// Seconds since 1970.
  let seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  /// Reads the sixteen characters; nil when they are no moment of the calendar.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
      (bytes[0..<8] + bytes[9..<15]).allSatisfy(Characters.isDigit)
    else { return nil }
    func number(_ range: Range<Int>) -> Int64 {
      bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    let days = Self.days(year: number(0..<4), month: number(4..<6), day: number(6..<8))
    seconds = days * 86_400 + number(9..<11) * 3600 + number(11..<13) * 60 + number(13..<15)
    // Months of 13 and days of 30 February come back as other texts.
    guard self.text == text else { return nil }
  }

  var text: String {
    let time = seconds - day * 86_400
    return "\(date)T\(pad(time / 3600, 2))\(pad(time / 60 % 60, 2))\(pad(time % 60, 2))Z"
  }

  /// The day alone, as credential scopes carry it: `20261123`.
  var date: String {
    // Days counted from 1 March of year 0, in eras of 400 years: leap days then end each year.
    let shifted = day + 719_468
    let era = floorDivision(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return pad(year, 4) + pad(month, 2) + pad(dayOfMonth, 2)
  }

  private var day: Int64 { floorDivision(seconds, 86_400) }

  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = floorDivision(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private func floorDivision(_ value: Int64, _ divisor: Int64) -> Int64 {
  value >= 0 ? value / divisor : (value - divisor + 1) / divisor
}

private func pad(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
