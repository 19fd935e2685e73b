import ArtifactStore
import Synchronization

/// The output of one input while it grows: nobody sees it until it is whole, and nothing stays of one that never is.
final class OutputObject: Sendable {
  private let writer: ObjectWriter
  private let address: ObjectAddress
  private let endsLines: Bool
  /// Of the first answer.
  private let contentType = Mutex<String?>(nil)

  /// - Parameter endsLines: whether each answer ends its line.
  init(at address: ObjectAddress, in buckets: BucketStore, endsLines: Bool) throws(StoreError) {
    try buckets.createBucket(address.bucket)
    writer = try buckets.beginObject(at: address)
    self.address = address
    self.endsLines = endsLines
  }

  func append(_ answer: ModelAnswer) throws {
    contentType.withLock { $0 = $0 ?? answer.contentType }
    let bytes = endsLines && answer.body.last != 0x0A ? answer.body + [0x0A] : answer.body
    try bytes.withUnsafeBytes { try writer.append($0) }
  }

  /// Makes the object visible, in the place of any other; durable when this returns.
  func publish(in buckets: BucketStore) throws(StoreError) {
    let type = contentType.withLock { $0 }
    let attributes = ObjectAttributes(headers: type.map { ["content-type": $0] } ?? [:])
    _ = try buckets.publish(writer, at: address, attributes: attributes)
  }
}
