import Foundation
import Handwriting
import ImageKit

/// One request for readings, decoded: what the reader gets.
struct Invocation: Equatable {
  var words: [GreyImage]
  var options = ReadingOptions()
}

extension Invocation {
  /// - Parameter contentType: as the request names it; without one (and for `application/x-image` and
  ///   `application/octet-stream`) the first bytes tell.
  /// - Throws: a fault of the sender, always; whatever the bytes are.
  init(body: [UInt8], contentType: String?, limits: InvocationLimits) throws(InvocationFault) {
    guard body.count <= limits.bodyBytes else { throw .bodyTooLarge(limits) }
    guard !body.isEmpty else {
      throw InvocationFault(.badRequest, "The request has no body: send an image, or JSON with images.")
    }
    var studio = Studio(limits: limits)
    switch try BodyKind(contentType: contentType, body: body) {
    case .image: self.init(words: [try studio.word(body, number: 0)])
    case .json: try self.init(try JSONRequest(parsing: body, limits: limits), studio: &studio)
    }
  }

  private init(_ request: JSONRequest, studio: inout Studio) throws(InvocationFault) {
    var words: [GreyImage] = []
    if let crops = request.crops {
      guard request.pictures.count == 1 else {
        throw InvocationFault(.badRequest, "`crops` are cut from one page: send it as `image`.")
      }
      words = try studio.crops(crops, of: try studio.page(request.pictures[0]))
    } else {
      for picture in request.pictures { words += try studio.words(picture, number: words.count) }
    }
    guard words.count <= studio.limits.images else { throw .tooManyImages(studio.limits) }
    self.init(words: words, options: request.options)
  }
}

/// What a body is.
enum BodyKind: Equatable {
  case image, json

  init(contentType: String?, body: [UInt8]) throws(InvocationFault) {
    let named = contentType.map { MediaRange($0).name } ?? ""
    switch named {
    case "image/jpeg", "image/jpg", "image/png": self = .image
    case "application/json": self = .json
    case "", "application/x-image", "application/octet-stream":
      guard let kind = Self.sniffed(body) else {
        throw InvocationFault(
          .unsupportedMediaType,
          "The body is neither JPEG, PNG nor JSON by its first bytes, and the request names no Content-Type: "
            + "send one of these, and name it.")
      }
      self = kind
    default:
      throw InvocationFault(
        .unsupportedMediaType,
        "Bodies of Content-Type '\(named.prefix(100))' are not read: send image/jpeg, image/png or application/json.")
    }
  }

  private static func sniffed(_ body: [UInt8]) -> BodyKind? {
    if body.starts(with: [0xFF, 0xD8, 0xFF]) || body.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return .image }
    switch body.first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return .json
    default: return nil
    }
  }
}

extension InvocationFault {
  static func bodyTooLarge(_ limits: InvocationLimits) -> InvocationFault {
    InvocationFault(
      .tooLarge,
      "The request's body is larger than \(limits.bodyBytes) bytes: send fewer or smaller images in one request.")
  }
}
