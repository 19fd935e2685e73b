import Handwriting
import HostKit
import ImageKit
import Testing

@testable import Commands

struct DataImportTests {
  private static func page(_ image: String, _ text: String = "so") -> String {
    """
    <PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15">
    <Page imageFilename="\(image)" imageWidth="20" imageHeight="10"><TextRegion id="r"><TextLine id="l"><Word id="w">
    <Coords points="1,1 9,1 9,9 1,9"/><TextEquiv><Unicode>\(text)</Unicode></TextEquiv></Word></TextLine></TextRegion>
    </Page></PcGts>
    """
  }

  private static let alto = """
    <alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="p" PHYSICAL_IMG_NR="1"><PrintSpace>
    <TextBlock ID="b"><TextLine><String CONTENT="Ümlaut" HPOS="1" VPOS="1" WIDTH="8" HEIGHT="5"/></TextLine></TextBlock>
    </PrintSpace></Page></Layout></alto>
    """

  private static func image(_ folder: ScratchFolder, _ name: String) throws {
    try folder.write(name, "")
    let bytes = try ImageEncoder.png(GreyImage(width: 20, height: 10))
    try Files.write(bytes, to: "\(folder.path)/\(name)", durable: false)
  }

  @Test func `an export becomes a manifest that training reads`() throws {
    let folder = try ScratchFolder()
    // As Transkribus lays it out: images above the folder of their pages, and files of other kinds.
    try Self.image(folder, "export/1/a.png")
    try Self.image(folder, "export/1/b.png")
    try folder.write("export/1/page/a.xml", Self.page("a.png"))
    try folder.write("export/1/page/b.xml", Self.alto)
    try folder.write("export/1/mets.xml", "<mets xmlns=\"http://www.loc.gov/METS/\"/>")
    let target = "\(folder.path)/new/train.manifest"
    let printed = htrctl(["data", "import", "\(folder.path)/export", "--output", target], home: folder.path)
    #expect(printed.status == 0)
    #expect(printed.output == "\(target): 2 pages, 2 words\n")
    let pages = try Manifest.read(target).pages
    #expect(pages.map(\.source) == ["a", "b"].map { "\(folder.path)/export/1/\($0).png" })
    #expect(pages.flatMap(\.words).map(\.text) == ["so", "Ümlaut"])
    #expect(htrctl(["data", "check", target], home: folder.path).status == 0)
  }

  @Test func `images are named from the manifest's folder, and found in a folder that is told`() throws {
    let folder = try ScratchFolder()
    try Self.image(folder, "scans/a.png")
    let file = try folder.write("page/a.xml", Self.page("C:\\scans\\a.png"))
    let target = "\(folder.path)/train.manifest"
    let printed = htrctl(
      ["data", "import", file, "--images", "\(folder.path)/scans", "-o", target], home: folder.path)
    #expect(printed.status == 0)
    #expect(try Manifest.read(target).pages.map(\.source) == ["scans/a.png"])
  }

  @Test func `the first bad file stops the import, or is left out and told`() throws {
    let folder = try ScratchFolder()
    try Self.image(folder, "a.png")
    try folder.write("1.xml", Self.page("gone.png"))
    try folder.write("2.xml", "<PcGts")
    try folder.write("3.xml", Self.page("a.png"))
    let target = "\(folder.path)/out.manifest"
    let stopped = htrctl(["data", "import", folder.path, "-o", target], home: folder.path)
    #expect(stopped.status == 2)
    #expect(stopped.notes.contains("1.xml: there is no image \"gone.png\" near it; name its folder with --images."))
    #expect(!Files.exists(target))
    let skipped = htrctl(["data", "import", folder.path, "-o", target, "--policy", "skip"], home: folder.path)
    #expect(skipped.status == 1)
    #expect(skipped.notes.split(separator: "\n").count == 2)
    #expect(try Manifest.read(target).pages.count == 1)
  }

  @Test func `nothing is written over, and nothing is made of nothing`() throws {
    let folder = try ScratchFolder()
    let taken = try folder.write("taken.manifest", "mine")
    let again = htrctl(["data", "import", folder.path, "-o", taken], home: folder.path)
    #expect(again.status == 2)
    #expect(try Files.readText(taken) == "mine")
    let empty = htrctl(["data", "import", folder.path, "-o", "\(folder.path)/m"], home: folder.path)
    #expect(empty.notes.contains("there is no page in ALTO or PAGE XML"))
    let named = try folder.write("other.xml", "<html/>")
    let other = htrctl(["data", "import", named, "-o", "\(folder.path)/m"], home: folder.path)
    #expect(other.notes.contains("neither ALTO nor PAGE"))
    let absent = htrctl(["data", "import", "\(folder.path)/gone", "-o", "\(folder.path)/m"], home: folder.path)
    #expect(absent.status == 2)
  }
}
