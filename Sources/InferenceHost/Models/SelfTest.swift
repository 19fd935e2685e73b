import ImageKit

/// The built-in images behind `/ping`.
enum SelfTest {
  /// Three strokes, something like an N, dark on light paper.
  static let word: GreyImage = {
    var image = GreyImage(width: 64, height: 32, shade: 230)
    draw(into: &image, left: 20, top: 6)
    return image
  }()

  /// Two such words on one line.
  static let page: GreyImage = {
    var image = GreyImage(width: 192, height: 128, shade: 230)
    for left in [40, 120] { draw(into: &image, left: left, top: 50) }
    return image
  }()

  private static func draw(into image: inout GreyImage, left: Int, top: Int) {
    for step in 0..<20 {
      for x in [left, left + step, left + 20] {
        for offset in 0..<3 { image[x + offset, top + step] = 40 }
      }
    }
  }
}
