import ArgumentParser
import Handwriting
import HostKit
import Pages

struct DataImportCommand: ParsableCommand {
  enum Policy: String, ExpressibleByArgument, CaseIterable { case stop, skip }

  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a manifest of pages in ALTO or PAGE XML.",
    discussion: """
      Reads ALTO 2 to 4 and PAGE 2013 to 2019, as Transkribus, eScriptorium, Aletheia and others write them. Of folders
      all .xml files are read, also in the folders inside; other kinds of XML there are passed over. Images are looked
      for beside the XML file and in the folder above it. Nothing is copied: the manifest names the images where they are.

      EXAMPLES:
        htrctl data import export/ --output train.manifest
        htrctl data import page/0001.xml page/0002.xml --images scans --output few.manifest
      """)

  @Argument(help: "Files, or folders of files.") var pages: [String]
  @Option(name: .shortAndLong, help: "The manifest to write; it must not be there yet.") var output: String
  @Option(help: ArgumentHelp("Where the images are, when not beside their files.", valueName: "folder"))
  var images: String?
  @Option(help: "At a file that cannot be used: stop there, or skip it, tell it and go on (exit status 1).")
  var policy = Policy.stop

  func run() throws {
    let target = absolutePath(output)
    guard !Files.exists(target) else {
      throw Failure("write \(output)", "it is there already", advice: "Remove it, or name another file.")
    }
    let files = try PageFiles.find(pages.map { absolutePath($0) })
    let scans = PageScans(folder: images.map { absolutePath($0) }, manifestFolder: Files.parent(of: target))
    var lines: [String] = []
    var words = 0
    var faults = 0
    for file in files {
      do throws(PageFormatError) {
        var page = try PageImport.read(file.path)
        page.source = try scans.source(of: page.source, in: file.path)
        words += page.words.count
        lines.append(Manifest.line(for: page))
      } catch {
        if error.code == .foreign, !file.isNamed { continue }
        guard policy == .skip else {
          throw Failure("import", error.description, advice: "With --policy skip it is left out.")
        }
        faults += 1
        Terminal.current.note("left out: \(error.description)")
      }
    }
    guard !lines.isEmpty else {
      throw Failure("import", "there is no page in ALTO or PAGE XML", advice: "Name such files or folders of them.")
    }
    try Files.makeFolder(Files.parent(of: target))
    try Files.write(lines.map { $0 + "\n" }.joined(), to: target)
    Terminal.current.print("\(target): \(lines.count) pages, \(words) words")
    if faults > 0 { throw ExitStatus.jobFailed }
  }
}

/// The files to import.
struct PageFiles {
  struct File: Equatable {
    let path: String
    /// By the user, and not found in a folder.
    let isNamed: Bool
  }

  private static let maximumDepth = 16

  /// Files as they are named, those of folders by name.
  static func find(_ paths: [String]) throws -> [File] {
    try paths.flatMap { path -> [File] in
      switch try Files.status(path)?.kind {
      case .folder: return try files(in: path, depth: 0)
      case nil: throw Failure("import \(path)", "it does not exist", advice: "Check the path.")
      default: return [File(path: path, isNamed: true)]
      }
    }
  }

  private static func files(in folder: String, depth: Int) throws -> [File] {
    guard depth < maximumDepth else { return [] }
    return try Files.names(in: folder).sorted().flatMap { name -> [File] in
      let path = "\(folder)/\(name)"
      switch try Files.status(path)?.kind {
      case .folder: return try files(in: path, depth: depth + 1)
      case .file where name.lowercased().hasSuffix(".xml"): return [File(path: path, isNamed: false)]
      default: return []
      }
    }
  }
}

/// Finds the image of a page.
struct PageScans {
  /// Where the user says that the images are.
  let folder: String?
  let manifestFolder: String

  private static let extensions = ["jpg", "jpeg", "png", "JPG", "JPEG", "PNG"]

  /// How the manifest names the image.
  /// - Parameter name: as the file has it; empty where it has none, then the image is called as the file.
  func source(of name: String, in file: String) throws(PageFormatError) -> String {
    guard let path = candidates(name, file).first(where: Files.exists) else {
      let wanted = name.isEmpty ? "with the file's name" : "\"\(name)\""
      throw PageFormatError(
        .malformed, "there is no image \(wanted) near it; name its folder with --images", file: file)
    }
    return ImagePlace.file(path).source(in: manifestFolder)
  }

  private func candidates(_ name: String, _ file: String) -> [String] {
    let beside = Files.parent(of: file)
    let folders = folder.map { [$0] } ?? [beside, Files.parent(of: beside), Files.parent(of: beside) + "/images"]
    // Without its folder too: many programs write the path on the machine they ran on.
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    var names = [name, last].filter { !$0.isEmpty }
    if names.isEmpty {
      let stem = Files.name(of: file).split(separator: ".", omittingEmptySubsequences: false)[0]
      names = Self.extensions.map { "\(stem).\($0)" }
    }
    return folders.flatMap { folder in names.map { absolutePath($0, from: folder) } }
  }
}
