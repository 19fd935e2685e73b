import CTIFF
import Glibc

/// Bytes in memory as the file that libtiff reads, and what libtiff last complained of.
///
/// One handle uses it, on one thread at a time.
final class MemoryFile {
  private let bytes: [UInt8]
  private var position = 0
  /// The first complaint since it was last taken: those that follow are its consequences.
  private var complaint: String?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func takeComplaint() -> String? {
    defer { complaint = nil }
    return complaint
  }

  private func read(_ target: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    let taken = max(0, min(count, bytes.count - position))
    guard taken > 0, let target else { return 0 }
    bytes.withUnsafeBytes { target.copyMemory(from: $0.baseAddress! + position, byteCount: taken) }
    position += taken
    return taken
  }

  /// A place outside of the bytes is allowed: nothing can be read there.
  private func seek(_ offset: UInt64, _ origin: Int32) -> UInt64 {
    let start = origin == SEEK_CUR ? position : origin == SEEK_END ? bytes.count : 0
    let (place, overflows) = Int64(start).addingReportingOverflow(Int64(bitPattern: offset))
    guard !overflows, place >= 0 else { return UInt64.max }
    position = Int(place)
    return UInt64(place)
  }

  private static func of(_ handle: thandle_t?) -> MemoryFile? {
    handle.map { Unmanaged<MemoryFile>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Opens a handle that keeps nothing alive: the caller keeps this object until `TIFFClose`.
  /// - Parameter memoryLimit: bytes that libtiff may take at a time.
  func open(memoryLimit: Int) -> OpaquePointer? {
    let options = TIFFOpenOptionsAlloc()
    defer { TIFFOpenOptionsFree(options) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, tmsize_t(memoryLimit))
    TIFFOpenOptionsSetErrorHandlerExtR(options, Self.keepComplaint, context)
    // Warnings tell of tags that nobody needs.
    TIFFOpenOptionsSetWarningHandlerExtR(options, { _, _, _, _, _ in 1 }, nil)
    // "m": no memory mapping; the bytes are in memory already.
    return TIFFClientOpenExt(
      "document", "rm", context,
      { tmsize_t(MemoryFile.of($0)?.read($1, Int($2)) ?? 0) }, { _, _, _ in 0 },
      { MemoryFile.of($0)?.seek($1, $2) ?? UInt64.max }, { _ in 0 },
      { MemoryFile.of($0).map { UInt64($0.bytes.count) } ?? 0 }, { _, _, _ in 0 }, { _, _, _ in }, options)
  }

  private static let keepComplaint: TIFFErrorHandlerExtR = { _, context, _, format, arguments in
    guard let file = MemoryFile.of(context), file.complaint == nil, let format, let arguments else { return 1 }
    var text = [CChar](repeating: 0, count: 400)
    vsnprintf(&text, text.count, format, arguments)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    file.complaint = String(decoding: bytes, as: UTF8.self)
    // Handled: libtiff's own printing to standard error is not wanted.
    return 1
  }
}
