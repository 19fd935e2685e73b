import HostKit
import ImageKit

/// A sheet of paper and where the camera sees it: a plane in pixels of about the image's size, and its way into the image.
struct Sheet {
  let width: Int
  let height: Int
  /// From the sheet's plane to the image.
  let view: Homography
  /// The sheet's corners in the image; beyond them is the table.
  let outline: Quad
  /// True when some of the table is seen.
  let showsTable: Bool

  /// A sheet seen a little from aside: nearly all of the image, or all of it.
  init(width: Int, height: Int, using random: inout SeededRandom) throws(SynthesisError) {
    self.width = width
    self.height = height
    showsTable = random.chance(0.25)
    let (wide, high) = (Double(width), Double(height))
    // Towards the middle the table shows; outwards the sheet goes on beyond the image.
    let range = showsTable ? 0.015...0.06 : -0.035...0.0
    func inset(_ x: Double, _ y: Double) -> Point {
      let (across, down) = (random.uniform(in: range) * wide, random.uniform(in: range) * high)
      return Point(x: x == 0 ? across : x - across, y: y == 0 ? down : y - down)
    }
    outline = Quad(
      topLeft: inset(0, 0), topRight: inset(wide, 0), bottomRight: inset(wide, high), bottomLeft: inset(0, high))
    guard let view = Homography(fromWidth: wide, height: high, to: outline) else {
      throw SynthesisError(.impossibleSize, "page of \(width) x \(height) pixels: it is too small")
    }
    self.view = view
  }

  /// A quadrilateral of the sheet's plane as the image shows it; nil when a corner is outside the image.
  func seen(_ corners: [Point]) -> [Point]? {
    let seen = corners.map { view($0) }
    let isInside = seen.allSatisfy {
      $0.x >= 0 && $0.y >= 0 && $0.x <= Double(width) - 1 && $0.y <= Double(height) - 1
    }
    return isInside ? seen : nil
  }

  /// Printed lines or squares of this distance, in the image. One of them is at `first`.
  func rules(_ ruling: Paper.Ruling, first: Double, distance: Double, thickness: Double) -> [[Point]] {
    let (wide, high) = (Double(width), Double(height))
    var contours: [[Point]] = []
    let step = max(4, ruling == .squares ? distance / 2 : distance)
    for y in stride(from: first.truncatingRemainder(dividingBy: step), to: high, by: step) where ruling != .none {
      contours.append(
        Stripe.contour(from: view(Point(x: 0, y: y)), to: view(Point(x: wide, y: y)), thickness: thickness))
    }
    for x in stride(from: step / 2, to: wide, by: step) where ruling == .squares {
      contours.append(
        Stripe.contour(from: view(Point(x: x, y: 0)), to: view(Point(x: x, y: high)), thickness: thickness))
    }
    return contours
  }
}
