import ImageKit

/// The upright rectangle around a polygon, in pixels; empty at the corner for a polygon without points.
struct Box: Equatable {
  var left = 0.0
  var top = 0.0
  var right = 0.0
  var bottom = 0.0

  var width: Double { right - left }
  var height: Double { bottom - top }

  init(around polygon: some Sequence<Point>) {
    var isFirst = true
    for point in polygon {
      left = isFirst ? point.x : min(left, point.x)
      right = isFirst ? point.x : max(right, point.x)
      top = isFirst ? point.y : min(top, point.y)
      bottom = isFirst ? point.y : max(bottom, point.y)
      isFirst = false
    }
  }

  /// The part that lies on a page of this size.
  func clipped(width: Int, height: Int) -> Box {
    var box = self
    box.left = min(max(left, 0), Double(width))
    box.right = min(max(right, 0), Double(width))
    box.top = min(max(top, 0), Double(height))
    box.bottom = min(max(bottom, 0), Double(height))
    return box
  }

  var corners: [Point] {
    [
      Point(x: left, y: top), Point(x: right, y: top), Point(x: right, y: bottom),
      Point(x: left, y: bottom),
    ]
  }
}

extension Double {
  /// Printed, the result has at most so many digits after the point.
  func rounded(toPlaces places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}

extension Double {
  /// Decimal digits with a point, whatever the locale, without an exponent; at most so many after the point.
  func text(places: Int) -> String {
    let value = rounded(toPlaces: places)
    return Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}

extension [Point] {
  /// "x,y x,y ...", on the page and rounded to so many places.
  func text(places: Int, width: Int, height: Int) -> String {
    map { point in
      let (x, y) = (
        Swift.min(Swift.max(point.x, 0), Double(width)),
        Swift.min(Swift.max(point.y, 0), Double(height))
      )
      return "\(x.text(places: places)),\(y.text(places: places))"
    }.joined(separator: " ")
  }
}

extension PageWord {
  /// The polygon as every format can hold it: three points or more, none of them absurdly far away. Of less than that
  /// only the box is left.
  var shape: [Point] {
    let sound = polygon.filter { abs($0.x) < 1e7 && abs($0.y) < 1e7 }
    return sound.count > 2 ? sound : Box(around: sound).corners
  }
}
