import Handwriting
import HostKit
import Testing

@Suite struct SafetensorsTests {
  typealias Tensor = SafetensorsFile.Tensor

  /// Written by Python's safetensors 0.x from tensors of three types, with metadata that is not ASCII.
  static let golden: [UInt8] =
    [0xE8, 0, 0, 0, 0, 0, 0, 0]
    + Array(
      (#"{"__metadata__":{"note":"grün","classes":"3"},"b.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
        + #""c.bias":{"dtype":"BF16","shape":[2],"data_offsets":[16,20]},"#
        + #""a":{"dtype":"F16","shape":[2],"data_offsets":[20,24]}}      "#).utf8)
    + [
      0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x20, 0xC0, 0xCD, 0xCC, 0xCC, 0x3D, 0xE6, 0xB1, 0x61, 0x7F, 0x80, 0x3F, 0x49,
      0xC0, 0x00, 0x38, 0x00, 0xBE,
    ]

  @Test func `a file of Python's library is read`() throws {
    let file = try SafetensorsFile(parsing: Self.golden)
    #expect(file.metadata == ["note": "grün", "classes": "3"])
    #expect(
      file.tensors == [
        Tensor(name: "a", shape: [2], values: [0.5, -1.5]),
        Tensor(name: "b.weight", shape: [2, 2], values: [1, -2.5, 0.1, 3e38]),
        Tensor(name: "c.bias", shape: [2], values: [1, -3.140625]),
      ])
  }

  @Test func `half precision rounds to the nearest half, and refuses what it cannot hold`() throws {
    let file = try SafetensorsFile(tensors: [Tensor(name: "a", shape: [4], values: [0.5, -1.5, 0.1, 6.1035156e-05])])
    let bytes = try file.encoded(as: .half)
    // 0x2E66 is 0.1 and 0x0400 the least normal number, as IEEE 754 has them.
    #expect(Array(bytes.suffix(8)) == [0x00, 0x38, 0x00, 0xBE, 0x66, 0x2E, 0x00, 0x04])
    #expect(try SafetensorsFile(parsing: bytes).tensors[0].values == [0.5, -1.5, 0.099975586, 6.1035156e-05])
    let large = try SafetensorsFile(tensors: [Tensor(name: "big", shape: [1], values: [70_000])])
    #expect(throws: ModelFileError.self) { try large.encoded(as: .half) }
  }

  @Test func `what is written comes back, whatever the order it was given in`() throws {
    let tensors = [
      Tensor(name: "z", shape: [2, 0, 3], values: []), Tensor(name: "scalar", shape: [], values: [.pi]),
      Tensor(name: "ä\"\n", shape: [1, 3], values: [-0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude]),
    ]
    let file = try SafetensorsFile(tensors: tensors, metadata: ["k": "v", "a": "ü"])
    let bytes = try file.encoded()
    #expect(try SafetensorsFile(parsing: bytes) == file)
    #expect(try SafetensorsFile(tensors: tensors.reversed(), metadata: ["a": "ü", "k": "v"]).encoded() == bytes)
    #expect(bytes.count % 4 == 0 && bytes[0] % 8 == 0)
    #expect(file["scalar"]?.values == [.pi])
    #expect(file["none"] == nil)
  }

  @Test func `a file on disk comes back and its path stands in a refusal`() throws {
    let path = "/tmp/htr-\(Identifier.random(bytes: 6)).safetensors"
    // A file that stays behind harms nobody.
    defer { try? Files.remove(path) }
    let file = try SafetensorsFile(tensors: [Tensor(name: "w", shape: [2], values: [1, 2])])
    try file.write(to: path)
    #expect(try SafetensorsFile.read(path) == file)
    try Files.write("short", to: path)
    let refusal = try #require(throws: ModelFileError.self) { try SafetensorsFile.read(path) }
    #expect(refusal.description.contains(path))
  }

  @Test func `two tensors of one name are refused`() {
    let twice = [Tensor(name: "w", shape: [], values: [1]), Tensor(name: "w", shape: [], values: [2])]
    #expect(throws: ModelFileError.self) { try SafetensorsFile(tensors: twice) }
    #expect(throws: ModelFileError.self) {
      try SafetensorsFile(tensors: [Tensor(name: "__metadata__", shape: [], values: [1])])
    }
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "8 bytes but 4 follow"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "4 bytes but 8 follow"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "expected 0"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      4, "expected 4"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "needs 4 bytes"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "not a whole number"),
    (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "not a whole number"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "larger than memory"),
    (#"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}"#, 4, "dimensions"),
    (#"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8, "is I64"),
    (#"{"a":{"shape":[1],"data_offsets":[0,8]}}"#, 8, "has no dtype"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "no data_offsets"),
    (#"{"a":[]}"#, 0, "has no dtype"),
    (#"{"__metadata__":{"a":1}}"#, 0, "object of strings"),
    (#"[]"#, 0, "not a JSON object"),
    (#"{"a":"#, 0, "invalid JSON"),
  ])
  func `a hostile header is refused with its reason`(header: String, values: Int, reason: String) throws {
    let bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
    let refusal = try #require(throws: ModelFileError.self) {
      try SafetensorsFile(parsing: bytes + [UInt8](repeating: 0, count: values))
    }
    #expect(refusal.reason.contains(reason), "\(refusal)")
  }

  @Test(arguments: [UInt64(9), 11 << 20, .max])
  func `a header length beyond the file or the bound is refused`(length: UInt64) {
    let bytes = withUnsafeBytes(of: length.littleEndian, Array.init) + [UInt8](repeating: 0x20, count: 8)
    #expect(throws: ModelFileError.self) { try SafetensorsFile(parsing: bytes) }
  }

  @Test func `cut and damaged files are refused or read, never a crash`() {
    for count in 0..<Self.golden.count {
      #expect(throws: ModelFileError.self) { try SafetensorsFile(parsing: Array(Self.golden.prefix(count))) }
    }
    var random = SeededRandom(seed: 5)
    for _ in 0..<3_000 {
      var bytes = Self.golden
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      // Some damage only changes a value: either answer is right, as long as there is one.
      let file = try? SafetensorsFile(parsing: bytes)
      #expect((file?.tensors.count ?? 0) <= 3)
    }
  }
}
