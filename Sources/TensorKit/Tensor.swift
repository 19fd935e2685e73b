import Glibc

/// The extent of a tensor, outermost first. Pictures are batch x height x width x channels (NHWC); sequences are
/// time x 1 x batch x channels, so that a time step is one run of memory.
public struct Shape: Sendable, Hashable {
  public var batch: Int
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(batch: Int, height: Int, width: Int, channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A sequence of `time` steps for `batch` members.
  public init(time: Int, batch: Int, channels: Int) {
    self.init(batch: time, height: 1, width: batch, channels: channels)
  }

  /// How many vectors of `channels` numbers there are.
  public var rows: Int { batch * height * width }
  public var count: Int { rows * channels }
}

/// Numbers in memory that is asked for once and used for many shapes: `shape` may change, up to `capacity` numbers.
///
/// A tensor belongs to one thread at a time; nothing here checks that.
public final class Tensor {
  public let type: ElementType
  public let capacity: Int
  public private(set) var shape: Shape
  public let address: UnsafeMutableRawPointer
  private let allocation: UnsafeMutableRawPointer
  /// Of a cache line, and of the widest vector.
  private static let alignment = 64

  /// Memory for the shape, all zero. What is planned and never used costs no memory: a large piece comes from the system
  /// page by page as it is touched, which clearing it here would do at once.
  public init(_ shape: Shape, _ type: ElementType = .float32) {
    self.type = type
    self.shape = shape
    capacity = shape.count
    let bytes = max(1, shape.count) * type.bytes
    guard let allocation = calloc(1, bytes + 2 * Self.alignment) else {
      fatalError("There is no memory for \(bytes) bytes of a network's work space.")
    }
    self.allocation = allocation
    address = allocation.alignedUp(toMultipleOf: Self.alignment)
  }

  deinit { free(allocation) }

  /// Uses the memory for another shape; what it held has no meaning then.
  ///
  /// - Precondition: the shape fits into the capacity.
  public func reshape(_ shape: Shape) {
    precondition(shape.count <= capacity, "\(shape) needs more than the \(capacity) numbers that were planned")
    self.shape = shape
  }

  /// The numbers, when they are float32.
  public var floats: UnsafeMutablePointer<Float> {
    precondition(type == .float32)
    return address.assumingMemoryBound(to: Float.self)
  }

  /// Where row number `row` begins.
  public func row(_ row: Int) -> UnsafeMutableRawPointer { address + row * shape.channels * type.bytes }
}

extension Tensor {
  /// A copy of the numbers as float32, for looking at.
  public var values: [Float] {
    get {
      [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
        count = shape.count
        if count > 0 { convert(from: address, type, to: UnsafeMutableRawPointer(buffer.baseAddress!), .float32, count) }
      }
    }
    set {
      precondition(newValue.count == shape.count)
      newValue.withUnsafeBytes {
        if let from = $0.baseAddress { convert(from: from, .float32, to: address, type, newValue.count) }
      }
    }
  }
}
