import Handwriting
import HostKit
import ImageKit
import Synchronization
import Testing

@testable import Synthesis

@Suite(.enabled(if: Fonts.areInstalled, Fonts.skipped)) struct SetTests {
  static let small = SyntheticSet(words: 40, seed: 11, testShare: 0.25, wantsContactSheet: true, threads: 1)

  static func files(below folder: String) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in try Files.names(in: folder) {
      let path = "\(folder)/\(name)"
      if try Files.status(path)?.kind == .folder {
        result.merge(try files(below: path)) { first, _ in first }
      } else {
        result[name] = try Files.read(path)
      }
    }
    return result
  }

  @Test func `one thread and two write the same bytes`() throws {
    let (one, two) = (try ScratchFolder(), try ScratchFolder())
    let synthesizer = try Fonts.synthesizer()
    var set = Self.small
    let outcome = try set.write(to: one.path, using: synthesizer)
    set.threads = 2
    #expect(try set.write(to: two.path, using: synthesizer) == outcome)
    #expect(try Self.files(below: one.path) == Self.files(below: two.path))
  }

  @Test func `the manifests name every image once, and each holds its word`() throws {
    let folder = try ScratchFolder()
    let progress = Mutex(0)
    let outcome = try Self.small.write(to: folder.path, using: Fonts.synthesizer()) { done in
      progress.withLock { $0 = max($0, done) }
    }
    #expect(progress.withLock { $0 } == 40)
    let train = try Manifest.read("\(folder.path)/train.manifest")
    let test = try Manifest.read("\(folder.path)/test.manifest")
    #expect(train.pages.count == outcome.trainImages && test.pages.count == outcome.testImages)
    #expect(outcome.testImages == 10 && outcome.words == 40)
    #expect(Set((train.pages + test.pages).map(\.source)).count == 40)
    for page in train.pages + test.pages {
      let header = try ImageDecoder.header(of: try Files.read("\(folder.path)/\(page.source)"))
      #expect(page.words.first?.polygon[2] == Point(x: Double(header.width), y: Double(header.height)))
      #expect(page.collection == "synthetic" && page.words.first?.kind == "H")
    }
    #expect(try ImageDecoder.header(of: Files.read("\(folder.path)/contact-sheet.png")).format == .png)
  }

  @Test func `pages are written after the words`() throws {
    let folder = try ScratchFolder()
    let set = SyntheticSet(words: 1, pages: 1, testShare: 0, threads: 1)
    #expect(try set.write(to: folder.path, using: Fonts.synthesizer()).trainImages == 2)
    let pages = try Manifest.read("\(folder.path)/train.manifest").pages
    #expect(pages[0].words.count == 1 && pages[1].words.count > 1)
  }

  @Test func `a folder that holds anything is refused and left alone`() throws {
    let folder = try ScratchFolder()
    try Files.write("mine", to: "\(folder.path)/notes.txt", durable: false)
    let error = #expect(throws: SynthesisError.self) {
      try Self.small.write(to: folder.path, using: Fonts.synthesizer())
    }
    #expect(error?.code == .folderInUse)
    #expect(error?.description.contains("\(folder.path) is not empty") == true)
    #expect(try Files.names(in: folder.path) == ["notes.txt"])
  }

  @Test(arguments: [(0, 0, 0.1), (-1, 5, 0.1), (1_000_000_000, 0, 0.1), (1, 1_000_000, 0.1), (5, 0, 1.5)])
  func `impossible sets are refused`(words: Int, pages: Int, share: Double) throws {
    let folder = try ScratchFolder()
    let error = #expect(throws: SynthesisError.self) {
      try SyntheticSet(words: words, pages: pages, testShare: share).check(folder.path)
    }
    #expect(error?.code == .impossibleSize)
  }
}

struct ParallelRunTests {
  @Test(arguments: [1, 2, 7]) func `results come in order whatever the threads`(threads: Int) throws {
    let squares = try ParallelRun(count: 100, threads: threads).results(progress: { _ in }, work: { $0 * $0 })
    #expect(squares == (0..<100).map { $0 * $0 })
  }

  @Test func `the first error ends the run`() {
    let begun = Mutex(0)
    #expect(throws: SynthesisError.self) {
      try ParallelRun(count: 10_000, threads: 2).results(
        progress: { _ in },
        work: { index in
          begun.withLock { $0 += 1 }
          if index == 20 { throw SynthesisError(.rasterizer, "on purpose") }
        })
    }
    #expect(begun.withLock { $0 } < 10_000)
  }
}

struct ContactSheetTests {
  @Test func `images stand in rows, whole and in order`() {
    let images = [UInt8(10), 20, 30].map { GreyImage(width: 40, height: 20, shade: $0) }
    let sheet = ContactSheet.image(of: images, width: 100)
    #expect(sheet.width == 100 && sheet.height == 52)
    #expect(sheet[4, 4] == 10 && sheet[48, 4] == 20 && sheet[4, 28] == 30 && sheet[48, 28] == 128)
  }

  @Test func `a sheet ends at its height`() {
    let images = [GreyImage](repeating: GreyImage(width: 90, height: 20, shade: 0), count: 100)
    #expect(ContactSheet.image(of: images, width: 100, maximumHeight: 200).height <= 200)
  }
}
