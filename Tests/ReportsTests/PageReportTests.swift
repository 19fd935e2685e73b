import Handwriting
import HostKit
import ImageKit
import Pages
import Testing

@testable import Reports

/// The HTML report to look through.
struct PageReportTests {
  static let hostile = #"</script><img src=x onerror="document.title='broken'"><!--"#

  /// A report of two pages as text; the second one has no image.
  static func report(_ texts: [String], title: String = "set") throws -> String {
    let folder = try HTMLCheck.scratchFolder()
    defer { try? Files.remove(folder) }
    let path = "\(folder)/report.html"
    let report = try PageReport(path: path, title: title)
    let truth = EvaluationTests.truth(texts, source: "first.jpg", collection: "iam")
    let image = try EmbeddedImage(GreyImage(width: 400, height: 40, shade: 220))
    try report.add(
      ShownPage(
        name: truth.source, collection: truth.collection, overlay: Overlay(truth, width: 400, height: 40), image: image)
    )
    let other = EvaluationTests.truth(["%SC%", "apple"], source: hostile, collection: nil)
    try report.add(
      ShownPage(
        name: other.source, collection: nil, overlay: Overlay(other, width: 200, height: 40), image: nil,
        trouble: "the image is in a bucket"))
    try report.finish(note: "2 of 9 pages")
    return try Files.readText(path, limit: 1 << 20)
  }

  @Test func `markup of a manifest never leaves its script element`() throws {
    let html = try Self.report([Self.hostile, "cat"], title: Self.hostile)
    #expect(!html.contains("<img src=x"))
    // Two pages, one image, the note, and the script itself.
    #expect(html.split(separator: "</script>", omittingEmptySubsequences: false).count == 6)
    try HTMLCheck.wellFormed(html)
  }

  @Test func `a report refers to nothing outside`() throws {
    let html = try Self.report(["cat"]).replacing("http://www.w3.org/2000/svg", with: "")
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("//cdn"))
    #expect(html.contains("default-src 'none'"))
  }

  @Test func `a report that is not finished leaves nothing`() throws {
    let folder = try HTMLCheck.scratchFolder()
    defer { try? Files.remove(folder) }
    do {
      let report = try PageReport(path: "\(folder)/report.html", title: "t")
      #expect(report.size > 1_000)
    }
    #expect(try Files.names(in: folder).isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func `a browser shows the first page and finds words`() throws {
    let script = """
      const field = document.getElementById("query");
      field.value = "APP";
      field.dispatchEvent(new Event("input"));
      field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
      """
    let html = try Self.report(["cat", "apple", Self.hostile])
    guard let plain = try HTMLCheck.rendered(html, then: "") else { return }
    #expect(plain.contains("2 pages, 5 words, 1 of them unreadable. 2 of 9 pages") && plain.contains(">apple</text>"))
    #expect(plain.contains("<title>set</title>"), "no text of the manifest has run")
    #expect(plain.split(separator: #"class="word""#).count == 4 && plain.contains("iam: 1 page, 3 words"))
    let searched = try #require(try HTMLCheck.rendered(html, then: script))
    #expect(searched.contains("1 of 2") && searched.contains(#"class="word hit now""#))
  }

  @Test(.timeLimit(.minutes(1))) func `filters choose words and pages`() throws {
    let script = """
      const kind = document.getElementById("kind");
      kind.value = "void";
      kind.dispatchEvent(new Event("change"));
      """
    guard let page = try HTMLCheck.rendered(try Self.report(["cat"]), then: script) else { return }
    #expect(page.contains("Pages (1 of 2)") && page.contains(#"class="word void""#) && !page.contains(">cat</text>"))
    #expect(page.contains("the image is in a bucket"))
  }
}
