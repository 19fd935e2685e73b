import Testing

@testable import Wire

@Suite struct CalendarDateTests {
  /// The examples of RFC 3339, 5.8, and their seconds by `date -u +%s.%N`.
  @Test(arguments: [
    ("1985-04-12T23:20:50.52Z", 482_196_050.52), ("1996-12-19T16:39:57-08:00", 851_042_397),
    ("1937-01-01T12:00:27.87+00:20", -1_041_337_172.13), ("2026-11-24T05:10:00Z", 1_795_497_000),
  ])
  func `a date of RFC 3339 is read`(text: String, seconds: Double) throws {
    #expect(abs(try #require(CalendarDate.seconds(text)) - seconds) < 1e-4)
  }

  @Test(arguments: [
    "", "now", "2026-11-24", "2026-13-24T05:10:00Z", "2026-11-24T05:10:00", "2026-11-24T05:10:00.Z",
    "2026-11-24T05:10:00+1",
  ])
  func `what is no such date is refused`(text: String) { #expect(CalendarDate.seconds(text) == nil) }
}
