/// Whether a text can be a URL's host and port: letters, digits and what stands in names, IPv6 addresses and ports; no path,
/// no user.
public func isAuthority(_ text: some StringProtocol) -> Bool {
  !text.isEmpty
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: ".-:[]".utf8.contains(byte)
      }
    }
}
