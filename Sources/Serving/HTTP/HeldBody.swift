import NIOCore

/// A body as it came: the buffers it was read into, without copying. A piece that is small for its buffer is copied
/// after all, or a sender of single bytes would have us hold a whole buffer for each.
struct HeldBody {
  private static let smallPiece = 4 << 10

  private(set) var pieces: [ByteBuffer] = []
  private(set) var count = 0

  mutating func hold(_ piece: ByteBuffer) {
    count += piece.readableBytes
    guard piece.readableBytes < Self.smallPiece else {
      pieces.append(piece)
      return
    }
    if let last = pieces.indices.last, pieces[last].readableBytes < Self.smallPiece * 4 {
      pieces[last].writeImmutableBuffer(piece)
    } else {
      var copy = ByteBufferAllocator().buffer(capacity: piece.readableBytes)
      copy.writeImmutableBuffer(piece)
      pieces.append(copy)
    }
  }

  mutating func removeAll() {
    pieces.removeAll()
    count = 0
  }

  /// The first bytes as text.
  func text(upTo limit: Int) -> String {
    var bytes: [UInt8] = []
    for piece in pieces where bytes.count < limit {
      bytes += piece.readableBytesView.prefix(limit - bytes.count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
