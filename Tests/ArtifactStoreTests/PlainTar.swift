/// Tar archives that our packer would never write, byte by byte.
enum PlainTar {
  struct Member: Sendable {
    var name: String
    var content: [UInt8] = []
    /// `0` a file, `2` a link, `3` a device, `5` a folder.
    var type: Character = "0"
    var link = ""
    var mode = 0o644

    static func file(_ name: String, _ text: String, mode: Int = 0o644) -> Member {
      Member(name: name, content: Array(text.utf8), mode: mode)
    }

    static func folder(_ name: String) -> Member { Member(name: name, type: "5", mode: 0o755) }
  }

  static func bytes(_ members: [Member]) -> [UInt8] {
    members.flatMap { header($0) + padded($0.content) } + [UInt8](repeating: 0, count: 1024)
  }

  private static func header(_ member: Member) -> [UInt8] {
    func octal(_ value: Int, _ digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8) + [0]
    }
    func text(_ value: String, _ size: Int) -> [UInt8] {
      Array(value.utf8) + [UInt8](repeating: 0, count: size - value.utf8.count)
    }
    var bytes = text(member.name, 100) + octal(member.mode, 7) + octal(0, 7) + octal(0, 7)
    bytes += octal(member.content.count, 11) + octal(0, 11) + text("        ", 8)
    bytes += Array("\(member.type)".utf8) + text(member.link, 100) + text("ustar", 6) + Array("00".utf8)
    bytes += [UInt8](repeating: 0, count: 512 - bytes.count)
    bytes.replaceSubrange(148..<156, with: octal(bytes.reduce(0) { $0 + Int($1) }, 6) + [0x20])
    return bytes
  }

  private static func padded(_ content: [UInt8]) -> [UInt8] {
    content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }
}
