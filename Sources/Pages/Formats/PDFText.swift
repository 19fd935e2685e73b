import Glibc
import ImageKit

/// The words of a page as invisible text.
struct PDFText {
  let page: ReadPage
  /// Points for a pixel.
  let scale: Double

  // Programs that take text from a PDF find its lines again by sizes and gaps, with rules made for print. The shares of
  // a size below are those with which pdftotext found most words of real handwritten pages in order.
  /// The size of the text for the usual height of a word: wide gaps between words are not taken for columns.
  static let generosity = 1.4
  /// How far a word may stand above or below the others of its line: those of a slanting line would be read one by one,
  /// from its upper end.
  private static let play = 0.05
  /// Between words that touch.
  private static let space = 0.2

  /// Operators that show the words in reading order. The words of a line share size and, nearly, the baseline, so that
  /// readers see one line; each is stretched to the width of its box and followed by a space.
  func content(alphabet: inout PDFAlphabet) -> String {
    guard page.words.contains(where: { $0.text?.isEmpty == false }) else { return "" }
    var content = "BT 3 Tr\n"
    let usual = page.words.map { Quad(reading: $0.shape).height }.median
    for line in page.lines {
      let quads = line.map { Quad(reading: $0.shape) }
      let axes = Axes(direction: Self.direction(of: Axes(of: quads)))
      let own = quads.map(\.height).median
      // One size for the whole page, unless a line is much smaller or larger.
      let height = max(abs(own - usual) < usual / 2 ? usual : own, 1)
      let size = height * Self.generosity
      let middles = quads.map { axes.placed($0.middle).y }
      let spans = spans(of: quads, along: axes, gap: size * Self.space)
      for (index, word) in zip(quads.indices, line) {
        let rise = min(max(middles[index] - middles.median, -size * Self.play), size * Self.play)
        let start = axes.onPage(Point(x: spans[index].lowerBound, y: middles.median + rise + height / 2))
        let width = spans[index].upperBound - spans[index].lowerBound
        content += show(word.text ?? "", from: start, width: width, size: size, axes.direction, &alphabet)
      }
    }
    return content + "ET\n"
  }

  /// From where to where each word goes along its line. Where the next word is too near, a word gives up to half of its
  /// width for a space that readers see.
  private func spans(of quads: [Quad], along axes: Axes, gap: Double) -> [ClosedRange<Double>] {
    var spans = quads.map { quad in
      let (along, width) = (axes.placed(quad.middle).x, axes.width(of: quad))
      return along - width / 2...along + width / 2
    }
    for index in spans.indices.dropLast() {
      let (start, end) = (spans[index].lowerBound, spans[index].upperBound)
      spans[index] = start...max(min(end, spans[index + 1].lowerBound - gap), (start + end) / 2)
    }
    return spans
  }

  /// - Parameter start: the lower left corner of the text, in pixels as all measures here.
  private func show(
    _ text: String, from start: Point, width: Double, size: Double, _ direction: Point, _ alphabet: inout PDFAlphabet
  ) -> String {
    let scalars = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
    guard !scalars.isEmpty else { return "" }
    let stretch = width / (Double(scalars.count * PDFAlphabet.advance) / 1_000 * size)
    // Across the page to the right and, as PDF has it, up.
    let (x, y) = (direction.x, -direction.y)
    let matrix = [x * stretch, y * stretch, -y, x].map { $0.text(places: 5) }.joined(separator: " ")
    let place = [start.x * scale, (Double(page.height) - start.y) * scale].map { $0.text(places: 3) }
    return "\(matrix) \(place.joined(separator: " ")) Tm "
      + strings(scalars + [" "], size: size * scale, alphabet: &alphabet)
  }

  /// The way a line runs; along the sides of the page when it is nearly so, for readers take the letters of a word apart
  /// when they rise by half a point.
  private static func direction(of axes: Axes) -> Point {
    let quarters = atan2(axes.direction.y, axes.direction.x) / (.pi / 2)
    guard abs(quarters - quarters.rounded()) < 1.0 / 6 else { return axes.direction }
    let angle = quarters.rounded() * .pi / 2
    return Point(x: cos(angle).rounded(), y: sin(angle).rounded())
  }

  /// One string for each run of characters of the same font.
  private func strings(_ scalars: [Unicode.Scalar], size: Double, alphabet: inout PDFAlphabet)
    -> String
  {
    var text = ""
    var font: Int?
    for scalar in scalars {
      let code = alphabet.code(of: scalar)
      if code.font != font {
        text += font == nil ? "" : "> Tj "
        text += "/F\(code.font) \(size.text(places: 3)) Tf <"
        font = code.font
      }
      text += Self.hexadecimal(code.byte, digits: 2)
    }
    return text + "> Tj\n"
  }

  static func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
