public import ImageKit
import Synchronization
public import TensorKit

/// A network that only reads: pictures of words in, scores of their frames out, over several threads.
///
/// What it says of a word depends on that word alone (but for rounding): its width decides how it is padded, not its
/// neighbours.
///
/// Proof of `@unchecked Sendable`: members, weights and version are touched with `lock` held only, and within a call each
/// member is one thread's.
public final class FrameScorer: @unchecked Sendable {
  private struct Member {
    let replica: RecognitionReplica
    var scratch = WarpScratch()
  }

  private let network: RecognitionNetwork
  private let buckets: WidthBuckets
  private let weights: FlatArray
  private let statistics: FlatArray
  private var members: [Member] = []
  /// Replicas have one caller at a time.
  private let lock = Mutex(())
  private var version = 0
  /// The most words that a replica takes at once.
  private static let batch = 32
  /// What fewer words are filled up to. Kernels are made for each size of batch and each width, so that few sizes are
  /// faster to begin with and smaller than many.
  private static let batches = [1, 4, 16, batch]

  /// - Parameter backends: one for each thread.
  public init(_ network: RecognitionNetwork, buckets: WidthBuckets, backends: [any KernelBackend]) {
    self.network = network
    self.buckets = buckets
    weights = FlatArray(count: network.parameters.count)
    statistics = FlatArray(count: network.statistics.count)
    for backend in backends {
      let memory = NetworkMemory(weights: weights, gradients: FlatArray(count: 0), statistics: statistics)
      members.append(
        Member(
          replica: RecognitionReplica(
            network, backend, memory, .inference, batch: Self.batch, width: buckets.maximum)))
    }
  }

  /// Takes over weights and running statistics.
  public func load(weights: FlatArray, statistics: FlatArray) {
    lock.withLock { _ in
      self.weights.copy(from: weights)
      self.statistics.copy(from: statistics)
      version += 1
    }
  }

  /// Words of one bucket, for one call of a replica.
  private struct Job {
    let words: [Int]
    let width: Int
  }

  /// - Returns: one per word, in order.
  public func scores(of words: [InkImage]) throws(KernelFault) -> [FrameScores] {
    let jobs = plan(words)
    let results = Mutex((scores: [FrameScores?](repeating: nil, count: words.count), fault: KernelFault?.none))
    let next = Mutex(0)
    lock.withLock { _ in
      runSideBySide(min(members.count, jobs.count)) { index in
        while true {
          let job = next.withLock { number in
            defer { number += 1 }
            return number < jobs.count ? jobs[number] : nil
          }
          guard let job else { return }
          do throws(KernelFault) {
            let found = try run(job, words, on: index)
            results.withLock { results in
              for (word, scores) in zip(job.words, found) { results.scores[word] = scores }
            }
          } catch {
            results.withLock { $0.fault = error }
          }
        }
      }
    }
    let (scores, fault) = results.withLock { $0 }
    if let fault { throw fault }
    return scores.compactMap { $0 }
  }

  /// Widest first, so that no thread ends long after the others.
  private func plan(_ words: [InkImage]) -> [Job] {
    let height = network.architecture.height
    var byWidth: [Int: [Int]] = [:]
    for (index, word) in words.enumerated() {
      byWidth[buckets.width(for: InkWarp.contentWidth(of: word, height: height)), default: []].append(index)
    }
    let share = max(1, (words.count + members.count - 1) / members.count)
    let size = min(Self.batch, share)
    return byWidth.sorted { $0.key > $1.key }.flatMap { width, indices in
      stride(from: 0, to: indices.count, by: size).map { start in
        Job(words: Array(indices[start..<min(start + size, indices.count)]), width: width)
      }
    }
  }

  private func run(_ job: Job, _ words: [InkImage], on index: Int) throws(KernelFault) -> [FrameScores] {
    let replica = members[index].replica
    let height = network.architecture.height
    let padded = Self.batches.first { $0 >= job.words.count } ?? Self.batch
    replica.input.reshape(Shape(batch: padded, height: height, width: job.width, channels: 1))
    let warp = InkWarp(width: job.width, height: height)
    let size = height * job.width
    for place in 0..<padded {
      let target = UnsafeMutableBufferPointer(start: replica.input.floats + place * size, count: size)
      if place < job.words.count {
        warp.sample(words[job.words[place]], into: target, scratch: &members[index].scratch)
      } else {
        target.update(repeating: 0)
      }
    }
    let output = try replica.forward(version: version).scores
    output.applyLogSoftmax()
    let (frames, classes) = (output.shape.batch, output.shape.channels)
    return job.words.indices.map { place in
      let values = [Float](unsafeUninitializedCapacity: frames * classes) { buffer, count in
        for frame in 0..<frames {
          let row = output.floats + (frame * padded + place) * classes
          for index in 0..<classes { buffer[frame * classes + index] = row[index] }
        }
        count = frames * classes
      }
      return FrameScores(frames: frames, classes: classes, values: values)
    }
  }
}
