import Glibc
import HostKit
import ImageKit
public import TensorKit

/// How fast this machine trains and reads with a network: what a user can expect, and what benchmarks compare.
public struct RecognitionSpeed: Sendable, Equatable {
  public var trainWordsPerSecond: Double
  public var readWordsPerSecond: Double
  /// Milliseconds from one word's ink to its scores, one word at a time on one thread: half and 99 % of the times.
  public var latencyMedian: Double
  public var latency99: Double
  /// Billions of floating-point operations a second: what a large matrix product reaches on one core, and what training
  /// and reading reach on each.
  public var peak: Double
  public var trainRate: Double
  public var readRate: Double

  /// - Parameters:
  ///   - batch: words of a step, over all threads.
  ///   - width: of every word's picture, margins included; a multiple of 16.
  ///   - seconds: how long each measurement takes.
  ///   - backends: makes the backend of one thread.
  public static func measure(
    _ architecture: RecognitionArchitecture, threads: Int, batch: Int, width: Int, seconds: Double,
    backends: () throws(KernelFault) -> any KernelBackend
  ) throws -> RecognitionSpeed {
    let network = RecognitionNetwork(architecture)
    let words = (0..<batch).map { sample(width: width, height: architecture.height, seed: UInt64($0)) }
    let charset = try Charset(
      characters: (1..<architecture.classes).compactMap { UnicodeScalar(0x4E00 + $0).map(Character.init) })
    let start = (FlatArray(count: network.parameters.count), FlatArray(count: network.statistics.count))
    network.start(start.0, start.1, seed: 1)
    let texts = words.indices.map { word in
      String((0..<6).map { charset.characters[(word * 7 + $0 * 3) % charset.characters.count] })
    }
    let samples = zip(words, texts).map { WordSample(ink: $0, text: $1) }
    let buckets = WidthBuckets(maximum: width)
    let set = TrainingWords(samples, charset: charset, buckets: buckets, height: architecture.height)
    var own: [any KernelBackend] = []
    for _ in 0..<threads { own.append(try backends()) }
    let team = ReplicaTeam(
      network, AdamW(network.parameters, weights: start.0, settings: .init()), statistics: start.1, backends: own,
      batch: batch, width: width)
    let steps = try repeats(seconds) { number in
      _ = try team.step(
        Array(words.indices), of: set, augmentation: .standard, learningRate: 1e-4, seed: UInt64(number))
    }
    let scorer = FrameScorer(network, buckets: buckets, backends: own)
    scorer.load(weights: start.0, statistics: start.1)
    let readings = try repeats(seconds) { _ in _ = try scorer.scores(of: words) }
    let single = FrameScorer(network, buckets: buckets, backends: [try backends()])
    single.load(weights: start.0, statistics: start.1)
    let latencies = try repeats(seconds) { number in _ = try single.scores(of: [words[number % batch]]) }
    let operations = architecture.operations(width: width) / 1e9
    let train = Double(batch) / median(steps)
    let read = Double(batch) / median(readings)
    return RecognitionSpeed(
      trainWordsPerSecond: train, readWordsPerSecond: read, latencyMedian: median(latencies) * 1000,
      latency99: latencies.sorted()[min(latencies.count - 1, latencies.count * 99 / 100)] * 1000,
      peak: try peak(try backends(), seconds: min(seconds, 2)), trainRate: 3 * operations * train / Double(threads),
      readRate: operations * read / Double(threads))
  }

  /// Strokes on paper: what is in a picture decides nothing about speed but its share of zeros.
  private static func sample(width: Int, height: Int, seed: UInt64) -> InkImage {
    var random = SeededRandom(seed: seed)
    let rows = height - 2 * InkWarp.rowMargin
    let columns = width - 2 * InkWarp.sideMargin
    var pixels = [UInt8](repeating: 0, count: rows * columns)
    for index in pixels.indices where random.chance(0.15) { pixels[index] = 255 }
    return InkImage(width: columns, height: rows, pixels: pixels)
  }

  /// Seconds of each run, the first few (in which kernels are made) left out.
  private static func repeats(_ seconds: Double, _ body: (Int) throws -> Void) throws -> [Double] {
    for number in 0..<3 { try body(number) }
    var times: [Double] = []
    let end = now() + seconds
    while now() < end || times.count < 5 {
      let start = now()
      try body(times.count)
      times.append(now() - start)
    }
    return times
  }

  private static func peak(_ backend: any KernelBackend, seconds: Double) throws -> Double {
    let size = 1024
    let shape = Shape(batch: 1, height: 1, width: size, channels: size)
    let (a, b, c) = (Tensor(shape, backend.elementType), Tensor(shape), Tensor(shape))
    var random = SeededRandom(seed: 3)
    let numbers = (0..<shape.count).map { _ in Float(random.uniform()) }
    (a.values, b.values) = (numbers, numbers)
    let product = try backend.product(
      ProductShape(m: size, n: size, k: size, aRow: size, bRow: size, cRow: size, packsB: true))
    product.pack(b.floats)
    let times = try repeats(seconds) { _ in product.run(a.address, nil, c.floats) }
    return 2 * Double(size * size * size) / (times.min() ?? 1) / 1e9
  }

  private static func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension RecognitionArchitecture {
  /// Floating-point operations (a multiplication and an addition are two) to read one picture of a width.
  public func operations(width: Int) -> Double {
    var (rows, columns, inputs, total) = (height, width, 1, 0)
    for (outputs, pool) in zip(channels, pools) {
      total += 2 * rows * columns * inputs * outputs * 9
      (rows, columns, inputs) = (rows / pool.height, columns / pool.width, outputs)
    }
    for _ in 0..<layers {
      total += 2 * columns * 2 * 4 * hidden * (inputs + hidden)
      inputs = 2 * hidden
    }
    return Double(total + 2 * columns * inputs * classes)
  }
}
