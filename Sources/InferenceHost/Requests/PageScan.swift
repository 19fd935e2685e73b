import Handwriting
import ImageKit
import Pages

/// A request for one page, decoded.
struct PageScan: Sendable, Equatable {
  /// Upright by its EXIF, and no larger than is of use.
  let image: GreyImage
  /// Of the upright page as it was sent, in pixels: answers are in these.
  let width: Int
  let height: Int

  init(_ image: GreyImage, width: Int? = nil, height: Int? = nil) {
    self.image = image
    self.width = width ?? image.width
    self.height = height ?? image.height
  }
}

extension PageScan {
  /// - Throws: a fault of the sender, always; whatever the bytes are.
  init(body: [UInt8], contentType: String?, limits: InvocationLimits) throws(InvocationFault) {
    guard body.count <= limits.bodyBytes else { throw .bodyTooLarge(limits) }
    guard !body.isEmpty else {
      throw InvocationFault(
        .badRequest, "The request has no body: send the image of a page, or JSON with one.")
    }
    var studio = Studio(limits: limits)
    switch try BodyKind(contentType: contentType, body: body) {
    case .image: self = try studio.scan(body)
    case .json:
      self = try studio.scan(try Self.picture(in: try JSONRequest(parsing: body, limits: limits)))
    }
  }

  private static func picture(in request: JSONRequest) throws(InvocationFault)
    -> JSONRequest.Picture
  {
    guard request.crops == nil, request.options == ReadingOptions() else {
      throw InvocationFault(
        .badRequest,
        "This worker finds the words of a page itself: `crops`, `characters` and `alternatives` are for workers that "
          + "serve a text-recognition model alone. Leave them out.")
    }
    guard request.pictures.count == 1 else {
      throw InvocationFault(
        .badRequest,
        "The request has \(request.pictures.count) images: send the pages one at a time, as `image`."
      )
    }
    return request.pictures[0]
  }
}

extension Studio {
  fileprivate mutating func scan(_ picture: JSONRequest.Picture) throws(InvocationFault) -> PageScan {
    switch picture {
    case .file(let text): return try scan(try Self.bytes(ofBase64: text, number: 0))
    case .pixels:
      let page = try page(picture)
      return PageScan(
        page.shrunk(longerSide: limits.pageSide), width: page.width, height: page.height)
    }
  }

  fileprivate mutating func scan(_ file: [UInt8]) throws(InvocationFault) -> PageScan {
    let decoded = try decoded(file, number: 0, shrinkTo: limits.pageSide)
    return PageScan(decoded.image, width: decoded.header.width, height: decoded.header.height)
  }
}
