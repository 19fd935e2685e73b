import Glibc
import Handwriting
import HostKit
import ImageKit
import JSONKit

/// A set of synthetic words and pages to be written into a folder of its own, as manifests and JPEG files.
public struct SyntheticSet: Sendable, Equatable {
  public var words: Int
  public var pages: Int
  public var seed: UInt64
  /// Share of the images that goes to `test.manifest`, 0...1.
  public var testShare: Double
  /// Also write `contact-sheet.png`, for people to look at.
  public var wantsContactSheet: Bool
  /// How many threads draw at once; the bytes do not depend on it.
  public var threads: Int

  /// What one set may hold; beyond that the disk, not the trainer, is the limit.
  public static let maximumWords = 500_000
  public static let maximumPages = 20_000

  /// How many cores the machine has.
  public static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The names of what is written beside `images`.
  public static let trainManifest = "train.manifest"
  public static let testManifest = "test.manifest"
  public static let contactSheet = "contact-sheet.png"

  public init(
    words: Int, pages: Int = 0, seed: UInt64 = 1, testShare: Double = 0.1, wantsContactSheet: Bool = false,
    threads: Int = SyntheticSet.cores
  ) {
    self.words = words
    self.pages = pages
    self.seed = seed
    self.testShare = testShare
    self.wantsContactSheet = wantsContactSheet
    self.threads = threads
  }

  /// What was written.
  public struct Outcome: Sendable, Equatable {
    /// Images in each of the two manifests.
    public var trainImages = 0
    public var testImages = 0
    /// Words on them all.
    public var words = 0
  }

  /// Writes the set. The manifests come last, when all images are on the disk: a folder without them is a set that was
  /// not finished.
  /// - Parameter folder: is made when it is not there; one that holds anything is refused.
  /// - Parameter progress: called now and then with the images done; from several threads, one at a time.
  public func write(
    to folder: String, using synthesizer: WordSynthesizer, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> Outcome {
    try check(folder)
    let writer = SampleWriter(
      folder: folder, words: synthesizer, pages: try PageSynthesizer(words: synthesizer), set: self)
    for number in 0...max(0, (words + pages - 1) / SampleWriter.imagesPerFolder) {
      try Files.makeFolder("\(folder)/\(SampleWriter.imageFolder(number * SampleWriter.imagesPerFolder))")
    }
    let lines = try ParallelRun(count: words + pages, threads: threads).results(progress: progress) { index in
      try writer.write(index)
    }
    if wantsContactSheet { try writeContactSheet(to: folder, using: synthesizer) }
    return try writeManifests(lines, to: folder)
  }

  /// Throws where `write` would refuse the set or the folder, before fonts and texts are read.
  public func check(_ folder: String) throws {
    guard (0...Self.maximumWords).contains(words), (0...Self.maximumPages).contains(pages), words + pages > 0 else {
      throw SynthesisError(
        .impossibleSize,
        "\(words) words and \(pages) pages: give 1 to \(Self.maximumWords) words, or 1 to \(Self.maximumPages) pages")
    }
    guard (0...1).contains(testShare) else {
      throw SynthesisError(.impossibleSize, "a test share of \(testShare): give one of 0 to 1, such as 0.1")
    }
    try Files.makeFolder(folder)
    guard try Files.names(in: folder).isEmpty else {
      throw SynthesisError(.folderInUse, "\(folder) is not empty; name a new folder, or remove what is in it first")
    }
    let needed = Int64(words) * 4_500 + Int64(pages) * 400_000
    if let free = Files.availableBytes(at: folder), free < needed {
      throw SynthesisError(
        .impossibleSize, "\(folder): the set takes about \(needed >> 20) MiB, \(free >> 20) MiB are free on its disk")
    }
  }

  private func writeContactSheet(to folder: String, using synthesizer: WordSynthesizer) throws {
    let shown = min(max(words, 1), 400)
    let samples = try (0..<shown).map { number throws(SynthesisError) in
      try synthesizer.word(seed: seed, index: number * max(words, 1) / shown).image
    }
    try Files.write(
      try ImageEncoder.png(ContactSheet.image(of: samples)), to: "\(folder)/\(Self.contactSheet)", durable: false)
  }

  private func writeManifests(_ samples: [SampleWriter.Sample], to folder: String) throws -> Outcome {
    // Images first: a manifest that survives a power cut must not name empty files. One call for
    // all of them: syncing 20,000 files one by one takes minutes.
    sync()
    let sides = Manifest.split(samples.map(\.annotation), testShare: testShare, seed: seed)
    let test = Set(sides.test.map(\.source))
    var texts = (train: "", test: "")
    for sample in samples {
      if test.contains(sample.annotation.source) {
        texts.test += sample.line + "\n"
      } else {
        texts.train += sample.line + "\n"
      }
    }
    try Files.write(texts.test, to: "\(folder)/\(Self.testManifest)")
    try Files.write(texts.train, to: "\(folder)/\(Self.trainManifest)")
    return Outcome(
      trainImages: sides.train.count, testImages: sides.test.count,
      words: samples.reduce(0) { $0 + $1.annotation.words.count })
  }
}
