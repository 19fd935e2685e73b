import Handwriting
import HostKit
import JSONKit
import Pages

/// What `htrctl read --format manifest` wrote, page by page, for looking up by image.
struct ReadingsManifest {
  /// By the image's absolute path or address.
  private var byPlace: [String: ReadPage] = [:]
  /// By the image's file name, where only one image is called so: a manifest may have been written on another machine.
  private var byName: [String: ReadPage?] = [:]

  /// - Throws: `ManifestFault` for the first line that cannot be used: half a reading would look like a bad model.
  init(path: String) throws {
    let pages = try Manifest.read(path).pages
    let folder = Files.parent(of: absolutePath(path))
    // Every line is sound, so that both ways of reading see the same ones.
    for (page, line) in zip(pages, try ManifestLines(path: path).lines) {
      let texts = (line.members["annotations"] ?? line.members.members.first { $0.value["texts"]?.array != nil }?.value)
      let items = texts?["texts"]?.array ?? []
      let words = page.words.enumerated().map { index, word in
        let item = items.indices.contains(index) ? items[index] : .null
        return PageWord(
          polygon: word.polygon, score: Self.share(item["score"]?.number) ?? 1,
          text: word.isReadable ? word.text : nil, confidence: Self.share(item["confidence"]?.number),
          line: word.line ?? 0, block: 0)
      }
      let read = ReadPage(width: 0, height: 0, words: words)
      byPlace[Self.key(page.source, folder: folder)] = read
      let name = Files.name(of: page.source)
      byName.updateValue(byName.keys.contains(name) ? nil : read, forKey: name)
    }
  }

  /// nil when this image was not read.
  /// - Parameter folder: the manifest's that names the image, absolute.
  func page(of source: String, folder: String) -> ReadPage? {
    byPlace[Self.key(source, folder: folder)] ?? byName[Files.name(of: source)] ?? nil
  }

  private static func key(_ source: String, folder: String) -> String {
    switch ImagePlace(source: source, folder: folder) {
    case .file(let path): Files.realPath(path) ?? path
    case .bucket(let address): address
    }
  }

  private static func share(_ value: Double?) -> Double? { value.map { min(max($0, 0), 1) } }
}
