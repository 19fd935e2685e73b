import ImageKit

/// Words with what a training needs of each at every step.
struct TrainingWords: Sendable {
  let samples: [WordSample]
  let labels: [[Int32]]
  /// The bucket of each.
  let widths: [Int]

  /// Words with characters outside the charset are left out.
  init(_ samples: [WordSample], charset: Charset, buckets: WidthBuckets, height: Int) {
    var kept: [WordSample] = []
    var labels: [[Int32]] = []
    for sample in samples {
      guard let label = charset.encode(sample.text), !label.isEmpty else { continue }
      kept.append(sample)
      labels.append(label)
    }
    self.samples = kept
    self.labels = labels
    widths = zip(kept, labels).map { sample, label in
      let content = InkWarp.contentWidth(of: sample.ink, height: height)
      // CTC needs a frame per character, and one more between equal ones.
      let least = (2 * label.count + 1) * RecognitionArchitecture.columnsPerFrame
      return buckets.width(for: max(content, least))
    }
  }

  /// For scoring: every word counts, also one with characters that nobody can read.
  init(all samples: [WordSample], charset: Charset) {
    self.samples = samples
    labels = samples.map { charset.encode($0.text) ?? [] }
    widths = []
  }
}
