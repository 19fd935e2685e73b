import ArtifactStore
import Glibc
import HostKit
import Synchronization

/// The output of one input while it grows: a file that nobody sees, until it is whole.
final class OutputFile: Sendable {
  private let path: String
  private let endsLines: Bool
  private let file: Mutex<Descriptor>

  /// - Parameter endsLines: whether each answer ends its line.
  init(at path: String, endsLines: Bool) throws(SystemError) {
    self.path = path
    self.endsLines = endsLines
    try Files.makeFolder(Files.parent(of: path))
    file = Mutex(try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW))
  }

  func append(_ answer: [UInt8]) throws(SystemError) {
    let bytes = endsLines && answer.last != 0x0A ? answer + [0x0A] : answer
    try file.withLock { file throws(SystemError) in if !bytes.isEmpty { try file.write(bytes, path: path) } }
  }

  /// Makes the object visible, in the place of any other; durable when this returns.
  func publish(at address: ObjectAddress, in buckets: BucketStore) throws {
    try buckets.createBucket(address.bucket)
    try buckets.put(fromFile: path, at: address)
  }

  func discard() throws(SystemError) { try Files.remove(path) }
}
