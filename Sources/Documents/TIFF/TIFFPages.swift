import CTIFF
import ImageKit

/// The directories of a TIFF file as pages.
struct TIFFPages: PageImages {
  let count: Int
  private let bytes: [UInt8]
  private let limits: DocumentLimits

  init(bytes: [UInt8], limits: DocumentLimits) throws(DocumentFault) {
    self.bytes = bytes
    self.limits = limits
    let file = try TIFFHandle(bytes, limits: limits)
    // libtiff follows the links without reading the directories, and ends at one that it has met before.
    count = Int(TIFFNumberOfDirectories(file.handle))
    guard count >= 1 else { throw file.fault("it has no pages") }
    guard count <= limits.maximumPages else {
      throw DocumentFault("the TIFF file has \(count) pages, the limit is \(limits.maximumPages); part it")
    }
  }

  func page(_ index: Int) throws -> DocumentPage {
    let file = try TIFFHandle(bytes, limits: limits)
    guard TIFFSetDirectory(file.handle, tdir_t(index)) == 1 else {
      throw file.fault("the directory of the page cannot be read")
    }
    let image = try file.image(limits: limits)
    return DocumentPage(
      bytes: try ImageEncoder.jpeg(image, quality: 92), isJPEG: true, width: image.width, height: image.height)
  }
}

/// An open TIFF file.
private struct TIFFHandle: ~Copyable {
  let handle: OpaquePointer
  private let file: MemoryFile

  init(_ bytes: [UInt8], limits: DocumentLimits) throws(DocumentFault) {
    file = MemoryFile(bytes)
    guard let handle = file.open(memoryLimit: 8 * limits.maximumPixels) else {
      let reason = file.takeComplaint() ?? "its header is not that of a TIFF file"
      throw DocumentFault("the TIFF file is damaged: \(reason); save it anew")
    }
    self.handle = handle
  }

  deinit { TIFFClose(handle) }

  func fault(_ otherwise: String) -> DocumentFault {
    DocumentFault("the TIFF page is damaged: \(file.takeComplaint() ?? otherwise); save it anew")
  }

  /// The current directory's image, upright, in grey.
  func image(limits: DocumentLimits) throws(DocumentFault) -> GreyImage {
    guard let width = number(UInt32(TIFFTAG_IMAGEWIDTH), UInt32(0)),
      let height = number(UInt32(TIFFTAG_IMAGELENGTH), UInt32(0)), width > 0, height > 0
    else { throw fault("it has no size") }
    guard UInt64(width) * UInt64(height) <= UInt64(limits.maximumPixels) else {
      throw DocumentFault(
        "the TIFF page has \(width) x \(height) pixels, the limit is \(limits.maximumPixels) in all; make it smaller")
    }
    let orientation = Int(number(UInt32(TIFFTAG_ORIENTATION), UInt16(1)) ?? 1)
    _ = file.takeComplaint()
    var raster = [UInt32](repeating: 0, count: Int(width) * Int(height))
    // Asked for the orientation that the rows have, libtiff turns nothing.
    let isRead = TIFFReadRGBAImageOriented(handle, width, height, &raster, Int32(orientation), 1)
    guard isRead == 1 else { throw fault("its pixels cannot be read") }
    return Self.grey(raster, width: Int(width), height: Int(height)).upright(from: orientation)
  }

  /// A tag's value; nil when the directory does not have it.
  private func number<Value: FixedWidthInteger>(_ tag: UInt32, _ start: Value) -> Value? {
    var value = start
    let isThere = withUnsafeMutablePointer(to: &value) { pointer in
      withVaList([pointer]) { TIFFVGetField(handle, tag, $0) }
    }
    return isThere == 1 ? value : nil
  }
}

extension TIFFHandle {
  /// Weighs the colours to grey and lays transparency on white.
  fileprivate static func grey(_ raster: [UInt32], width: Int, height: Int) -> GreyImage {
    let pixels = raster.withUnsafeBufferPointer { raster in
      [UInt8](unsafeUninitializedCapacity: raster.count) { target, count in
        for index in 0..<raster.count { target[index] = grey(raster[index]) }
        count = raster.count
      }
    }
    return GreyImage(width: width, height: height, pixels: pixels)
  }

  /// Of libtiff's packed pixel: red in the lowest byte, colours multiplied by the opacity already.
  private static func grey(_ pixel: UInt32) -> UInt8 {
    let (red, green, blue) = (pixel & 0xFF, pixel >> 8 & 0xFF, pixel >> 16 & 0xFF)
    let light = (77 * red + 150 * green + 29 * blue + 128) >> 8
    return UInt8(min(255, light + 255 - (pixel >> 24)))
  }
}
