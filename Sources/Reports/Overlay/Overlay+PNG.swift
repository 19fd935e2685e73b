public import ImageKit

extension Overlay {
  /// Areas are veiled only while all together cover the page less often: thousands of words that each cover all of it
  /// would take minutes.
  private static let maximumCover = 20.0

  /// The page in grey with coloured polygons and texts over it, as PNG.
  /// - Parameter image: the upright page, which may be smaller than `width` x `height`; the picture gets its size, and a
  ///   strip above it where a text needs the room.
  /// - Throws: `notEncoded` with the encoder's reason.
  public func png(over image: GreyImage, style: OverlayStyle = OverlayStyle()) throws(ImageFault) -> [UInt8] {
    var placed = scaled(to: image)
    let letters = max(1, Int((TextPlace.usualSize(in: placed) / 9).rounded()))
    let tops = style.showsTexts ? placed.words.compactMap { Quad(around: $0.polygon).map(Self.top) } : []
    let roof = min(Self.labelHeight(letters), max(0, Self.labelHeight(letters) - (tops.min() ?? .max)))
    for index in placed.words.indices {
      placed.words[index].polygon = placed.words[index].polygon.map { Point(x: $0.x, y: $0.y + Double(roof)) }
    }
    var canvas = Canvas(on: Self.raised(image, by: roof))
    placed.draw(on: &canvas, style: style)
    if style.showsTexts {
      for word in placed.words { Self.label(word, colour: style.colour(of: word), scale: letters, on: &canvas) }
    }
    return try ImageEncoder.png(canvas.image)
  }

  private func draw(on canvas: inout Canvas, style: OverlayStyle) {
    let cover = words.reduce(0) { $0 + Self.boxArea($1.polygon) } / Double(canvas.width * canvas.height)
    if cover < Self.maximumCover {
      for word in words { canvas.fill(word.polygon, colour: style.colour(of: word), opacity: 0.1) }
    }
    for word in words {
      canvas.outline(word.polygon, thickness: word.isReadable ? 1.6 : 1, colour: style.colour(of: word))
    }
    guard style.showsOrder else { return }
    for (from, to) in zip(words, words.dropFirst()) {
      canvas.line(from: from.centre, to: to.centre, thickness: 1, colour: Colour(grey: 90))
    }
  }

  private func scaled(to image: GreyImage) -> Overlay {
    let (scaleX, scaleY) = (Double(image.width) / Double(width), Double(image.height) / Double(height))
    var result = self
    (result.width, result.height) = (image.width, image.height)
    for index in words.indices {
      result.words[index].polygon = words[index].polygon.map { Point(x: $0.x * scaleX, y: $0.y * scaleY) }
    }
    return result
  }

  private static func raised(_ image: GreyImage, by rows: Int) -> GreyImage {
    guard rows > 0 else { return image }
    let roof = [UInt8](repeating: 255, count: rows * image.width)
    return GreyImage(width: image.width, height: image.height + rows, pixels: roof + image.pixels)
  }

  private static func labelHeight(_ scale: Int) -> Int { (BitmapFont.height + 1) * scale }

  private static func top(of quad: Quad) -> Int { Int(min(quad.topLeft.y, quad.topRight.y)) }

  /// The text on a light ground, above the upper left corner of the word.
  private static func label(_ word: Word, colour: Colour, scale: Int, on canvas: inout Canvas) {
    guard !word.text.isEmpty, let quad = Quad(around: word.polygon) else { return }
    let width = word.text.count * BitmapFont.advance * scale + scale
    let height = labelHeight(scale)
    let x = max(0, min(Int(quad.topLeft.x), canvas.width - width))
    // On a slanted word the label stands on the edge where it is, not at its highest place.
    let along = min(1, Double(width) / max(1, quad.topRight.x - quad.topLeft.x))
    let edge = min(quad.topLeft.y, quad.topLeft.y + (quad.topRight.y - quad.topLeft.y) * along)
    let y = max(0, Int(edge) - height)
    canvas.fill(left: x, top: y, width: width, height: height, colour: .white, opacity: 0.72)
    canvas.text(word.text, x: x + scale, y: y + scale, scale: scale, colour: colour)
  }

  private static func boxArea(_ polygon: [Point]) -> Double {
    let (xs, ys) = (polygon.map(\.x), polygon.map(\.y))
    return ((xs.max() ?? 0) - (xs.min() ?? 0)) * ((ys.max() ?? 0) - (ys.min() ?? 0))
  }
}
