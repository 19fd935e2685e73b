import Glibc
public import HostKit

/// How much a page's picture may change from one showing to the next while a network trains. Each number is a bound.
public struct PageAugmentation: Sendable, Equatable {
  /// How much larger or smaller words are shown.
  public var scale: ClosedRange<Double>
  /// Degrees to either side.
  public var rotation: Double
  /// Share of the picture's side by which each of its corners moves, each way.
  public var perspective: Double
  /// Tone, boldness, blur and noise; its other numbers are not used.
  public var ink: AugmentationSettings
  /// How dark what is left of a shadow may be, where full ink is 1.
  public var shade: Double
  /// How often ruled lines are drawn over the picture.
  public var ruleProbability: Double

  public static let standard = PageAugmentation(
    scale: 0.6...1.6, rotation: 8, perspective: 0.05, ink: .standard, shade: 0.15, ruleProbability: 0.15)

  /// Nothing changes.
  public static let none = PageAugmentation(
    scale: 1...1, rotation: 0, perspective: 0, ink: .none, shade: 0, ruleProbability: 0)

  public init(
    scale: ClosedRange<Double>, rotation: Double, perspective: Double, ink: AugmentationSettings, shade: Double,
    ruleProbability: Double
  ) {
    self.scale = scale
    self.rotation = rotation
    self.perspective = perspective
    self.ink = ink
    self.shade = shade
    self.ruleProbability = ruleProbability
  }

  /// The same, weaker (below 1) or stronger; 0 is `none`.
  public func scaled(by factor: Double) -> PageAugmentation {
    PageAugmentation(
      scale: max(0.2, 1 - (1 - scale.lowerBound) * factor)...(1 + (scale.upperBound - 1) * factor),
      rotation: rotation * factor, perspective: min(0.2, perspective * factor), ink: ink.scaled(by: factor),
      shade: shade * factor, ruleProbability: min(1, ruleProbability * factor))
  }
}

/// A square window onto a page, turned, scaled and tilted at random: what a segmentation network is shown in training.
public struct PageWarp: Sendable {
  /// Pixels of each side.
  public let side: Int
  private let toPage: Homography
  private let toWindow: Homography

  /// - Parameters:
  ///   - centre: of the window, on the page.
  ///   - side: of the window, in its own pixels.
  public init(side: Int, centre: Point, _ settings: PageAugmentation, random: inout SeededRandom) {
    precondition(side > 0)
    self.side = side
    let span = settings.scale
    // Evenly over factors, so that twice as large is as likely as half as large.
    let low = log(span.lowerBound)
    let high = log(span.upperBound)
    let scale = low < high ? exp(random.uniform(in: low...high)) : span.lowerBound
    let angle = settings.rotation > 0 ? random.uniform(in: -settings.rotation...settings.rotation) : 0
    let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
    let half = Double(side) / 2 / scale
    func corner(_ x: Double, _ y: Double) -> Point {
      let reach = settings.perspective
      let x = x + (reach > 0 ? random.uniform(in: -reach...reach) * 2 : 0)
      let y = y + (reach > 0 ? random.uniform(in: -reach...reach) * 2 : 0)
      return Point(x: centre.x + half * (x * cosine - y * sine), y: centre.y + half * (x * sine + y * cosine))
    }
    let topLeft = corner(-1, -1)
    let topRight = corner(1, -1)
    let bottomRight = corner(1, 1)
    let bottomLeft = corner(-1, 1)
    let quad = Quad(topLeft: topLeft, topRight: topRight, bottomRight: bottomRight, bottomLeft: bottomLeft)
    let size = Double(side)
    guard let toPage = Homography(fromWidth: size, height: size, to: quad),
      let toWindow = Homography(from: quad, toWidth: size, height: size)
    else { preconditionFailure("corners that move by less than half a side stay a quadrilateral") }
    self.toPage = toPage
    self.toWindow = toWindow
  }

  /// Where a place of the page is in the window, in the window's pixels.
  public func callAsFunction(_ place: Point) -> Point { toWindow(place) }

  /// Draws the window: paper beyond the page's edges.
  ///
  /// - Parameter picture: gets `side * side` bytes, 0 paper to 255 full ink.
  public func draw(
    _ page: InkImage, into picture: UnsafeMutableBufferPointer<UInt8>, _ settings: PageAugmentation,
    random: inout SeededRandom, scratch: inout WarpScratch
  ) {
    precondition(picture.count == side * side)
    InkTone(settings.ink, random: &random).fillStrengths(&scratch)
    scratch.raster.makeRoom(side * side)
    // Taken out so that the finish may use the rest of the scratch memory.
    var raster = scratch.raster
    scratch.raster = []
    raster.withUnsafeMutableBufferPointer { raster in
      guard let pixels = raster.baseAddress else { return }
      sample(page, into: pixels, scratch.strengths)
      if settings.shade > 0 { addShade(pixels, upTo: settings.shade, &random) }
      if settings.ruleProbability > 0, random.chance(settings.ruleProbability) { addRules(pixels, &random) }
      let finish = PictureFinish(width: side, height: side, columns: 0..<side)
      finish.apply(to: pixels, settings.ink, random: &random, scratch: &scratch)
      for index in 0..<side * side { picture[index] = UInt8(min(1, max(0, pixels[index])) * 255 + 0.5) }
    }
    scratch.raster = raster
  }

  /// Bilinear between the four pixels around.
  private func sample(_ page: InkImage, into pixels: UnsafeMutablePointer<Float>, _ strengths: [Float]) {
    let (width, height) = (page.width, page.height)
    let m = toPage.elements.map(Float.init)
    page.pixels.withUnsafeBufferPointer { source in
      strengths.withUnsafeBufferPointer { strengths in
        m.withUnsafeBufferPointer { m in
          for row in 0..<side {
            let v = Float(row) + 0.5
            for column in 0..<side {
              let u = Float(column) + 0.5
              let weight = 1 / (m[6] * u + m[7] * v + m[8])
              let x = (m[0] * u + m[1] * v + m[2]) * weight - 0.5
              let y = (m[3] * u + m[4] * v + m[5]) * weight - 0.5
              var ink: Float = 0
              if x > -1, y > -1, x < Float(width), y < Float(height) {
                let left = Int(x.rounded(.down))
                let top = Int(y.rounded(.down))
                let (shareX, shareY) = (x - Float(left), y - Float(top))
                let (x0, x1) = (max(0, left), min(width - 1, left + 1))
                let (y0, y1) = (max(0, top) * width, min(height - 1, top + 1) * width)
                let upper =
                  strengths[Int(source[y0 + x0])] * (1 - shareX) + strengths[Int(source[y0 + x1])] * shareX
                let lower =
                  strengths[Int(source[y1 + x0])] * (1 - shareX) + strengths[Int(source[y1 + x1])] * shareX
                ink = upper * (1 - shareY) + lower * shareY
              }
              pixels[row * side + column] = ink
            }
          }
        }
      }
    }
  }

  /// What normalising leaves of a shadow: a band that is darker than the paper around, with soft edges.
  private func addShade(_ pixels: UnsafeMutablePointer<Float>, upTo bound: Double, _ random: inout SeededRandom) {
    let depth = Float(random.uniform(in: 0...bound))
    let angle = random.uniform(in: 0...2 * Double.pi)
    let (sine, cosine) = (sin(angle), cos(angle))
    let middle = Float(random.uniform(in: -0.7...0.7))
    let width = Float(random.uniform(in: 0.02...0.5))
    let half = Float(side) / 2
    for row in 0..<side {
      let across = (Float(row) - half) / half * Float(cosine)
      for column in 0..<side {
        let distance = ((Float(column) - half) / half * Float(sine) + across - middle) / width
        pixels[row * side + column] += depth / (1 + distance * distance)
      }
    }
  }

  private func addRules(_ pixels: UnsafeMutablePointer<Float>, _ random: inout SeededRandom) {
    let spacing = random.uniform(in: 18...70)
    let strength = Float(random.uniform(in: 0.1...0.5))
    let slope = random.uniform(in: -0.03...0.03)
    var start = random.uniform(in: 0...spacing) - 0.03 * Double(side)
    while start < Double(side) * 1.03 {
      for column in 0..<side {
        let y = Int(start + slope * Double(column))
        if y >= 0, y < side { pixels[y * side + column] = max(pixels[y * side + column], strength) }
      }
      start += spacing
    }
  }
}
