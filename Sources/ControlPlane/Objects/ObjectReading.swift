import ArtifactStore
public import Wire

/// An object that is being read: its bytes stay those that it had when it was opened.
public final class ObjectReading: Sendable {
  public let object: S3Object
  private let opened: OpenObject
  private let threads: BlockingThreads

  init(_ opened: OpenObject, object: S3Object, threads: BlockingThreads) {
    (self.opened, self.object, self.threads) = (opened, object, threads)
  }

  /// Fills memory with the object's bytes; throws when there are fewer.
  public typealias Fill = (UnsafeMutableRawBufferPointer) throws -> Void

  /// Reads some bytes on a thread that may wait for the disk.
  /// - Parameter piece: makes what they are carried in, and has it filled.
  public func read<Piece: Sendable>(
    from offset: Int64, into piece: @escaping @Sendable (Fill) throws -> Piece
  ) async throws -> Piece {
    try await threads.run { [opened] in
      try piece { memory in
        var done = 0
        while done < memory.count {
          let got = try opened.read(
            at: offset + Int64(done), into: UnsafeMutableRawBufferPointer(rebasing: memory[done...]))
          guard got > 0 else {
            throw S3Error(.internalError, "The object became shorter while it was read: somebody changes its file.")
          }
          done += got
        }
      }
    }
  }
}
