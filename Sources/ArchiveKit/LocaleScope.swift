import Glibc

/// Runs `body` with a UTF-8 locale on this thread only. libarchive translates names through the locale; under the "C"
/// locale, in which daemons start, it would garble every name beyond ASCII.
func withUTF8Names<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  guard let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil) else { return try body() }
  let previous = uselocale(locale)
  defer {
    uselocale(previous)
    freelocale(locale)
  }
  return try body()
}
