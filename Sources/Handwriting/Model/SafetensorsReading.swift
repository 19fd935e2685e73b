import JSONKit

extension SafetensorsFile {
  /// Reads a file's bytes.
  public init(parsing bytes: [UInt8]) throws(ModelFileError) { try self.init(parsing: bytes, subject: "the weights") }

  init(parsing bytes: [UInt8], subject: String) throws(ModelFileError) {
    let reading = SafetensorsReading(bytes: bytes, subject: subject)
    let (header, start) = try reading.header()
    var metadata: [String: String] = [:]
    var entries: [SafetensorsReading.Entry] = []
    for (name, value) in header.members {
      if name == Self.metadataKey {
        metadata = try reading.metadata(value)
      } else {
        entries.append(try reading.entry(name: name, value))
      }
    }
    try reading.requireNoGaps(entries, count: bytes.count - start)
    try self.init(tensors: entries.map { reading.tensor($0, start: start) }, metadata: metadata)
  }
}

/// The parts of reading a safetensors file, each with its checks.
private struct SafetensorsReading {
  enum Kind: String {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"

    var width: Int { self == .f32 ? 4 : 2 }
  }

  struct Entry {
    let name: String
    let kind: Kind
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  let bytes: [UInt8]
  let subject: String

  func refusal(_ reason: String) -> ModelFileError { ModelFileError(subject, reason) }

  /// The JSON header and the place of the first value.
  func header() throws(ModelFileError) -> (header: JSON.Object, start: Int) {
    guard bytes.count >= 8 else { throw refusal("it is shorter than the eight bytes of a header length") }
    let length = UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    guard length <= UInt64(SafetensorsFile.maximumHeader), Int(length) <= bytes.count - 8 else {
      throw refusal("its header should have \(length) bytes: more than the file or than a header may have")
    }
    let start = 8 + Int(length)
    do throws(JSONSyntaxError) {
      let json = try JSON(parsing: Array(bytes[8..<start]), maximumDepth: 8)
      if let object = json.object { return (object, start) }
    } catch { throw refusal("its header is \(error)") }
    throw refusal("its header is not a JSON object")
  }

  func metadata(_ value: JSON) throws(ModelFileError) -> [String: String] {
    guard let map = value.stringMap else { throw refusal("its metadata is not an object of strings") }
    return map
  }

  func entry(name: String, _ value: JSON) throws(ModelFileError) -> Entry {
    guard let text = value["dtype"]?.string else { throw refusal("tensor \"\(name)\" has no dtype") }
    guard let kind = Kind(rawValue: text) else {
      throw refusal("tensor \"\(name)\" is \(text); only F32, F16 and BF16 are read")
    }
    guard let sizes = value["shape"]?.array, sizes.count <= SafetensorsFile.maximumRank else {
      throw refusal("tensor \"\(name)\" has no shape of at most \(SafetensorsFile.maximumRank) dimensions")
    }
    guard let span = value["data_offsets"]?.array, span.count == 2, let begin = span[0].place, let end = span[1].place
    else { throw refusal("tensor \"\(name)\" has no data_offsets") }
    var shape: [Int] = []
    var length = kind.width
    for size in sizes {
      guard let size = size.place else { throw refusal("tensor \"\(name)\" has a size that is not a whole number") }
      let (product, overflow) = length.multipliedReportingOverflow(by: size)
      guard !overflow else { throw refusal("tensor \"\(name)\" is larger than memory can be") }
      length = product
      shape.append(size)
    }
    guard begin <= end, end - begin == length else {
      throw refusal("tensor \"\(name)\" needs \(length) bytes but is at \(begin)..<\(end)")
    }
    return Entry(name: name, kind: kind, shape: shape, begin: begin, end: end)
  }

  /// The tensors must cover the values' bytes exactly: no overlap, nothing hidden between or behind them.
  func requireNoGaps(_ entries: [Entry], count: Int) throws(ModelFileError) {
    var place = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == place else {
        throw refusal("tensor \"\(entry.name)\" begins at \(entry.begin); expected \(place)")
      }
      place = entry.end
    }
    guard place == count else { throw refusal("the tensors take \(place) bytes but \(count) follow the header") }
  }

  /// - Precondition: the entry was checked by `requireNoGaps`.
  func tensor(_ entry: Entry, start: Int) -> SafetensorsFile.Tensor {
    let count = (entry.end - entry.begin) / entry.kind.width
    let values = bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: count) { output, initialized in
        let source = UnsafeRawBufferPointer(rebasing: raw[(start + entry.begin)..<(start + entry.end)])
        for index in 0..<count { output.initializeElement(at: index, to: Self.value(source, index, entry.kind)) }
        initialized = count
      }
    }
    return SafetensorsFile.Tensor(name: entry.name, shape: entry.shape, values: values)
  }

  private static func value(_ source: UnsafeRawBufferPointer, _ index: Int, _ kind: Kind) -> Float {
    switch kind {
    case .f32:
      Float(bitPattern: UInt32(littleEndian: source.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
    case .f16:
      Float(Float16(bitPattern: UInt16(littleEndian: source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))))
    case .bf16:
      Float(
        bitPattern: UInt32(UInt16(littleEndian: source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))) << 16
      )
    }
  }
}

extension JSON {
  /// A whole number that is not negative. `5.0` is none here: the format knows integers only.
  fileprivate var place: Int? {
    guard case .integer(let value) = self, value >= 0 else { return nil }
    return Int(exactly: value)
  }
}
