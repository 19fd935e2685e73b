import Glibc

/// Lends the strings as C wants an argument or environment list: null-terminated, valid during the call only. A string
/// ends at its first null character.
public func withCStrings<Answer>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Answer
) -> Answer {
  let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: strings.count + 1)
  for (index, string) in strings.enumerated() {
    (list + index).initialize(to: strdup(string))
  }
  (list + strings.count).initialize(to: nil)
  defer {
    for index in strings.indices { free(list[index]) }
    list.deallocate()
  }
  return body(UnsafePointer(list))
}
