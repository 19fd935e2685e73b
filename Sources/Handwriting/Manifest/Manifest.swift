import HostKit
import ImageKit
import JSONKit

/// The pages of a manifest in the JSON Lines form of SageMaker Ground Truth and GNHK: one image a line, with a text and
/// a polygon per word.
public struct Manifest: Sendable, Equatable {
  /// What happens at a line that cannot be used.
  public enum FaultPolicy: Sendable, Equatable {
    /// The first one is thrown.
    case stop
    /// It is left out, kept in `faults` and counted.
    case skip
  }

  public var pages: [PageAnnotation] = []
  /// The first faults that were skipped (`ManifestLimits.keptFaults` of them).
  public private(set) var faults: [ManifestFault] = []
  /// All faults that were skipped.
  public private(set) var faultCount = 0

  public init(pages: [PageAnnotation]) { self.pages = pages }

  public var wordCount: Int { pages.reduce(0) { $0 + $1.words.count } }

  /// Reads a manifest line by line; empty lines count for the numbering only.
  /// - Throws: `SystemError` when the file cannot be read, `ManifestFault` for the first bad line under `.stop`, and
  ///   under both policies for a file of too many lines.
  public static func read(
    _ path: String, onFault policy: FaultPolicy = .stop, limits: ManifestLimits = ManifestLimits()
  ) throws -> Manifest {
    var stream = try LineStream(path: path, limit: limits.lineBytes)
    var manifest = Manifest(pages: [])
    let reader = ManifestLine(limits: limits)
    var number = 0
    while let line = try stream.next() {
      number += 1
      guard number <= limits.lines else {
        throw ManifestFault(file: path, line: number, reason: "more than \(limits.lines) lines; split the manifest")
      }
      do throws(ManifestLine.Refusal) {
        if let page = try page(from: line, number: number, reader: reader) { manifest.pages.append(page) }
      } catch {
        let fault = ManifestFault(file: path, line: number, reason: error.reason)
        guard policy == .skip else { throw fault }
        manifest.faultCount += 1
        if manifest.faults.count < limits.keptFaults { manifest.faults.append(fault) }
      }
    }
    return manifest
  }

  private static func page(
    from line: LineStream.Line, number: Int, reader: ManifestLine
  ) throws(ManifestLine.Refusal) -> PageAnnotation? {
    guard case .bytes(var bytes) = line else {
      throw ManifestLine.Refusal(reason: "the line is longer than \(reader.limits.lineBytes) bytes")
    }
    if number == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return nil }
    return try reader.page(from: bytes)
  }

  /// One line of a manifest, without line end, that `read` gives the same page for.
  public static func line(for page: PageAnnotation) -> String {
    let texts = page.words.map { word in
      JSON.members([
        "text": .string(word.text),
        "polygon": .array(word.polygon.map { ["x": pixels($0.x), "y": pixels($0.y)] }),
        "line_idx": word.line.map { .integer(Int64($0)) },
        "type": word.kind.map { .string($0) },
      ])
    }
    return JSON.members([
      "source-ref": .string(page.source),
      "annotations": ["texts": .array(texts)],
      "annotations-metadata": page.collection.map { ["source": .string($0)] },
    ]).text
  }

  private static func pixels(_ value: Double) -> JSON { Int64(exactly: value).map { .integer($0) } ?? .number(value) }
}
