import ArchiveKit
import Glibc
import HostKit
import Synchronization

/// Which object may be there already when one is published.
public enum ObjectCondition: Sendable, Equatable {
  case none
  /// `If-None-Match: *`: there is none yet.
  case absent
  /// `If-Match`: the one with this tag.
  case tag(String)
}

/// What a body that has come must be like.
public struct BodyExpectations: Sendable {
  public var size: Int64?
  /// As lower-case hexadecimal digits: what the request's signature covers.
  public var sha256: String?
  /// `Content-MD5`, as Base64.
  public var md5: String?
  public var checksum: ObjectChecksum?

  public init(size: Int64? = nil, sha256: String? = nil, md5: String? = nil, checksum: ObjectChecksum? = nil) {
    self.size = size
    self.sha256 = sha256
    self.md5 = md5
    self.checksum = checksum
  }
}

/// An object on its way into a bucket: a temporary file that is hashed as it is written. One that is never finished leaves
/// nothing behind.
public final class ObjectWriter: Sendable {
  private struct State: ~Copyable {
    let file: Descriptor
    var size: Int64 = 0
    var md5 = Digest.MD5()
    var sha256: Digest.SHA256?
    var checksum: RunningChecksum?
    var isFinished = false
  }

  let path: String
  private let state: Mutex<State>

  /// - Parameters:
  ///   - hashesSHA256: whether the body's SHA-256 will be asked for.
  ///   - checksum: what to sum the body with besides.
  init(at path: String, hashesSHA256: Bool, checksum: ChecksumAlgorithm?) throws(SystemError) {
    self.path = path
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL)
    state = Mutex(
      State(file: file, sha256: hashesSHA256 ? Digest.SHA256() : nil, checksum: checksum.map { RunningChecksum($0) }))
  }

  deinit {
    // Only a finished one's file has got another name.
    if !state.withLock({ $0.isFinished }) { unlink(path) }
  }

  public func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      state.md5.update(bytes)
      state.sha256?.update(bytes)
      state.checksum?.add(bytes)
      var offset = 0
      while offset < bytes.count {
        let wrote = write(state.file.number, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
        if wrote < 0, errno == EINTR { continue }
        guard wrote >= 0 else { throw StoreError(SystemError("write", path)) }
        offset += wrote
      }
      state.size += Int64(bytes.count)
    }
  }

  /// Checks what came, and notes the attributes, with tag and checksum, in the file, which is whole and on the disk then;
  /// nobody knows it yet.
  func seal(_ attributes: ObjectAttributes, expecting expected: BodyExpectations) throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      let md5 = state.md5.finishBytes()
      var sealed = attributes.request
      sealed.entityTag = Digest.hexadecimal(md5)
      sealed.checksum = state.checksum?.finish()
      if let size = expected.size, size != state.size {
        throw StoreError(.incompleteBody, "the body has \(state.size) bytes; \(size) were announced")
      }
      if let sha256 = expected.sha256, state.sha256?.finish() != sha256 {
        throw StoreError(.digestMismatch, "the body's SHA-256 is not \(sha256), which was signed")
      }
      if let told = expected.md5, told != Base64.text(md5) {
        throw StoreError(.badDigest, "the body's MD5 is \(Base64.text(md5)), not \(told) as Content-MD5 says")
      }
      if let told = expected.checksum, told != sealed.checksum {
        throw StoreError(
          .badDigest,
          "the body's \(told.algorithm.rawValue) is \(sealed.checksum?.value ?? "unknown"), not \(told.value) as was told"
        )
      }
      try sealed.note(in: state.file, path: path)
      try StoreError.wrapping { () throws(SystemError) in try state.file.sync(path: path) }
    }
  }

  /// To be called when the file has got its name.
  func markFinished() { state.withLock { $0.isFinished = true } }
}
