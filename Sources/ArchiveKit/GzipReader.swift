import CArchive
import Glibc
import HostKit

/// Unpacks a gzip stream as it is read, in bounded memory. Used by one at a time.
public final class GzipReader {
  /// Fills a buffer with the next packed bytes; answers how many there were, 0 at the end.
  public typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  private static let piece = 1 << 16

  private let name: String
  private let source: Source
  private let archive: OpaquePointer
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: GzipReader.piece, alignment: 64)
  private var failure: (any Error)?
  private var isEmpty = false

  /// - Parameter name: of what is read, for errors.
  public init(_ name: String, from source: @escaping Source) throws {
    self.name = name
    self.source = source
    guard let archive = archive_read_new() else {
      throw ArchiveError(archive: name, SystemError("allocate memory for", name, code: ENOMEM))
    }
    self.archive = archive
    archive_read_support_filter_gzip(archive)
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    let context = Unmanaged.passUnretained(self).toOpaque()
    let take:
      @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int =
        { _, context, bytes in
          guard let context else { return -1 }
          let reader = Unmanaged<GzipReader>.fromOpaque(context).takeUnretainedValue()
          bytes?.pointee = UnsafeRawPointer(reader.packed.baseAddress)
          return reader.takeMore()
        }
    guard archive_read_open(archive, context, nil, take, nil) == ARCHIVE_OK else { throw fault() }
    var entry: OpaquePointer?
    switch archive_read_next_header(archive, &entry) {
    case ARCHIVE_OK: break
    case ARCHIVE_EOF: isEmpty = true
    default: throw fault()
    }
    // The raw format takes anything: what is not packed would pass as it is.
    guard archive_filter_code(archive, 0) == ARCHIVE_FILTER_GZIP else {
      throw ArchiveError(.damaged, archive: name, reason: "it is not packed with gzip")
    }
  }

  deinit {
    archive_read_free(archive)
    packed.deallocate()
  }

  /// Fills a buffer with the next unpacked bytes; answers how many there were, 0 at the end.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !isEmpty else { return 0 }
    let got = archive_read_data(archive, buffer.baseAddress, buffer.count)
    guard got >= 0 else { throw fault() }
    return got
  }

  private func takeMore() -> Int {
    do { return try source(packed) } catch {
      failure = error
      return -1
    }
  }

  private func fault() -> any Error {
    if let failure { return failure }
    let said = archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be read"
    return ArchiveError(.damaged, archive: name, reason: said)
  }
}
