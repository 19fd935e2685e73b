/// Whether a host name, as it stands in settings or in a Host header without its port, means this machine.
public func isLoopbackName(_ host: some StringProtocol) -> Bool {
  if ["localhost", "::1", "[::1]"].contains(String(host)) { return true }
  let parts = host.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}
