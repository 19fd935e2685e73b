import ImageKit

extension ReadPage {
  /// The page as it would be at another size: polygons of a page that was shrunk before it was read, in pixels of the
  /// page as it came.
  public func scaled(toWidth newWidth: Int, height newHeight: Int) -> ReadPage {
    guard (newWidth, newHeight) != (width, height) else { return self }
    let (across, down) = (Double(newWidth) / Double(width), Double(newHeight) / Double(height))
    var page = self
    (page.width, page.height) = (newWidth, newHeight)
    for index in page.words.indices {
      page.words[index].polygon = words[index].polygon.map {
        Point(x: $0.x * across, y: $0.y * down)
      }
    }
    return page
  }
}
