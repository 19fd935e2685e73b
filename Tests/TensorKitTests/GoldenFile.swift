import HostKit
import JSONKit
import TensorKit

/// What PyTorch says (see Golden/make_golden.py).
struct GoldenFile {
  private let root: JSON

  init() throws {
    let path = "\(Files.parent(of: #filePath))/Golden/golden.json"
    root = try JSON(parsing: try Files.read(path, limit: 1 << 20))
  }

  func cases(_ layer: String) -> [GoldenCase] { (root[layer]?.array ?? []).map(GoldenCase.init) }
}

/// One layer of one shape: its sizes, the seed of its inputs, its results.
struct GoldenCase {
  private let json: JSON

  init(_ json: JSON) { self.json = json }

  /// Nothing of this name fails the test loudly: no size is negative.
  subscript(_ size: String) -> Int { Int(json[size]?.integer ?? -1) }
  var seed: UInt64 { UInt64(self["seed"]) }
  func number(_ name: String) -> Double { json[name]?.number ?? .nan }
  /// The texts of a CTC case.
  var labels: [[Int32]] { (json["labels"]?.array ?? []).map { ($0.array ?? []).map { Int32($0.integer ?? 0) } } }
  func numbers(_ name: String) -> [Double] { (json[name]?.array ?? []).map { $0.number ?? .nan } }
}
