import CArchive
import Glibc
import Testing

/// Archives that our packer would never write, made with libarchive's own writer.
enum HostileArchive {
  struct Member: Sendable {
    var name: String
    var type: mode_t = S_IFREG
    var content: [UInt8] = []
    var symbolicLink: String?
    var hardLink: String?
    var mode: mode_t = 0o644

    static func file(_ name: String, _ text: String = "x", mode: mode_t = 0o644) -> Member {
      Member(name: name, content: Array(text.utf8), mode: mode)
    }

    static func folder(_ name: String) -> Member { Member(name: name, type: S_IFDIR, mode: 0o755) }
  }

  enum Filter { case none, gzip, bzip2, xz, zstd }

  static func write(_ members: some Sequence<Member>, to path: String, filter: Filter = .gzip) throws {
    let archive = try #require(archive_write_new())
    defer { archive_write_free(archive) }
    archive_write_set_format_pax_restricted(archive)
    switch filter {
    case .none: archive_write_add_filter_none(archive)
    case .gzip: archive_write_add_filter_gzip(archive)
    case .bzip2: archive_write_add_filter_bzip2(archive)
    case .xz: archive_write_add_filter_xz(archive)
    case .zstd: archive_write_add_filter_zstd(archive)
    }
    try #require(archive_write_open_filename(archive, path) == ARCHIVE_OK)
    let entry = try #require(archive_entry_new())
    defer { archive_entry_free(entry) }
    for member in members {
      archive_entry_clear(entry)
      archive_entry_set_pathname(entry, member.name)
      archive_entry_set_filetype(entry, member.type)
      archive_entry_set_perm(entry, member.mode)
      archive_entry_set_size(entry, Int64(member.content.count))
      if let link = member.symbolicLink { archive_entry_set_symlink(entry, link) }
      if let link = member.hardLink { archive_entry_set_hardlink(entry, link) }
      try #require(archive_write_header(archive, entry) >= ARCHIVE_WARN)
      if !member.content.isEmpty {
        try #require(archive_write_data(archive, member.content, member.content.count) == member.content.count)
      }
    }
    try #require(archive_write_close(archive) == ARCHIVE_OK)
  }
}
