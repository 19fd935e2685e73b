import ImageKit

extension Overlay {
  /// The page with polygons and texts over it as one SVG document without outside references. Each word carries its
  /// text and confidence as a tooltip.
  public func svg(over image: EmbeddedImage, title: String, style: OverlayStyle = OverlayStyle()) -> String {
    let label = Markup.escaped(title)
    let usual = TextPlace.usualSize(in: self)
    // Room for the text of a word at the upper edge.
    let highest = words.compactMap { TextPlace(above: $0.polygon, usual: usual) }.map { $0.y - $0.size }.min() ?? 0
    let roof = style.showsTexts ? Int(min(max(0, -highest), usual * 2).rounded(.up)) : 0
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 \#(-roof) \#(width) \#(height + roof)" width="\#(width)""#
        + #" height="\#(height + roof)" role="img" aria-label="\#(label)" font-family="sans-serif">"#,
      "<title>\(label)</title>",
      "<style>polygon{fill-opacity:.1}text{paint-order:stroke;stroke:#fff;stroke-linejoin:round}"
        + ".void polygon{stroke-dasharray:6 4}</style>",
      #"<image width="\#(width)" height="\#(height)" preserveAspectRatio="none" href="\#(image.address)"/>"#,
    ]
    let thickness = Markup.number(max(1, usual / 11))
    lines.append(#"<g stroke-width="\#(thickness)">"#)
    if style.showsOrder { lines.append(orderPath()) }
    for word in words { lines.append(element(of: word, usual: usual, style: style)) }
    lines += ["</g>", "</svg>", ""]
    return lines.joined(separator: "\n")
  }

  private func element(of word: Word, usual: Double, style: OverlayStyle) -> String {
    let colour = style.colour(of: word).hex
    let corners = word.polygon.map { "\(Markup.number($0.x)),\(Markup.number($0.y))" }.joined(separator: " ")
    var parts = [
      word.isReadable ? "<g>" : #"<g class="void">"#, "<title>\(Markup.escaped(word.tooltip))</title>",
      #"<polygon points="\#(corners)" fill="\#(colour)" stroke="\#(colour)"/>"#,
    ]
    if style.showsTexts, !word.text.isEmpty, let place = TextPlace(above: word.polygon, usual: usual) {
      let isTooLong = TextPlace.length(of: word.text, size: place.size) > place.length
      let fit = isTooLong ? #" textLength="\#(Markup.number(place.length))" lengthAdjust="spacingAndGlyphs""# : ""
      let (x, y) = (Markup.number(place.x), Markup.number(place.y))
      let turn =
        abs(place.angle) < 0.05 ? "" : #" transform="rotate(\#(Markup.number(place.angle, places: 2)) \#(x) \#(y))""#
      parts.append(
        #"<text x="\#(x)" y="\#(y)" font-size="\#(Markup.number(place.size))"\#(fit)\#(turn) fill="\#(colour)""#
          + #" stroke-width="\#(Markup.number(place.size / 5))">\#(Markup.escaped(word.text))</text>"#)
    }
    return parts.joined() + "</g>"
  }

  private func orderPath() -> String {
    let places = words.map { "\(Markup.number($0.centre.x)),\(Markup.number($0.centre.y))" }.joined(separator: " ")
    return #"<polyline points="\#(places)" fill="none" stroke="dimgray" stroke-opacity=".6"/>"#
  }
}

extension Overlay.Word {
  /// The text, and how sure it is.
  var tooltip: String {
    let name = text.isEmpty ? "not read" : text
    return confidence.map { "\(name) (\(Markup.percent($0)))" } ?? name
  }

  /// The mean of the corners.
  var centre: Point {
    let count = Double(max(1, polygon.count))
    return Point(x: polygon.reduce(0) { $0 + $1.x } / count, y: polygon.reduce(0) { $0 + $1.y } / count)
  }
}
