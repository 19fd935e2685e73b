import JSONKit

/// The file of a language model, all numbers little-endian:
///
///     8 bytes     "HTRNGRAM"
///     UInt32      version (1)
///     UInt32      order
///     UInt32      bytes of the character set
///     UInt32      n, the number of nodes
///     ...         the character set, as JSON
///     n UInt16    symbol of each node
///     n+1 UInt32  first child of each node
///     n UInt32    suffix of each node
///     n Float32   logarithm of each node's probability
///     n Float32   logarithm of what each node leaves
///     UInt64      FNV-1a checksum of all before
///
/// The same model always gives the same bytes.
extension CharacterNGram {
  private static let magic = Array("HTRNGRAM".utf8)
  private static let version: UInt32 = 1
  private static let headerBytes = 24

  public var fileBytes: [UInt8] {
    let characters = charset.json.bytes
    var bytes = Self.magic
    bytes.reserveCapacity(Self.headerBytes + characters.count + trie.count * 18 + 12)
    for number in [Self.version, UInt32(order), UInt32(characters.count), UInt32(trie.count)] {
      bytes.append(littleEndian: number)
    }
    bytes += characters
    for symbol in trie.symbols { bytes.append(littleEndian: symbol) }
    for child in trie.firstChild { bytes.append(littleEndian: child) }
    for suffix in suffixes { bytes.append(littleEndian: suffix) }
    for value in logProbabilities { bytes.append(littleEndian: value.bitPattern) }
    for value in backoffs { bytes.append(littleEndian: value.bitPattern) }
    bytes.append(littleEndian: bytes.checksum(count: bytes.count))
    return bytes
  }

  /// Reads a model's file. A cut, damaged or hostile one is refused.
  public init(fileBytes bytes: [UInt8]) throws(ModelFileError) {
    guard bytes.starts(with: Self.magic) else { throw Self.damage("it does not begin as one") }
    var scanner = ByteScanner(bytes)
    guard scanner.numbers(UInt8.self, count: Self.magic.count) != nil, let version = scanner.number(UInt32.self),
      let order = scanner.number(UInt32.self), let characterBytes = scanner.number(UInt32.self),
      let count = scanner.number(UInt32.self)
    else { throw Self.damage("it is cut short") }
    guard version == Self.version else { throw Self.damage("its version is \(version); this program reads 1") }
    guard Self.orders.contains(Int(order)), count <= Self.maximumNodes else {
      throw Self.damage("its order (\(order)) or size (\(count)) is out of bounds")
    }
    guard scanner.remaining == Int(characterBytes) + Int(count) * 18 + 12,
      let characters = scanner.numbers(UInt8.self, count: Int(characterBytes)),
      let symbols = scanner.numbers(UInt16.self, count: Int(count)),
      let firstChild = scanner.numbers(UInt32.self, count: Int(count) + 1),
      let suffixes = scanner.numbers(UInt32.self, count: Int(count)),
      let logProbabilities = scanner.floats(count: Int(count)), let backoffs = scanner.floats(count: Int(count)),
      let checksum = scanner.number(UInt64.self)
    else { throw Self.damage("its length does not fit its header") }
    guard checksum == bytes.checksum(count: bytes.count - 8) else { throw Self.damage("its checksum is wrong") }
    charset = try Self.charset(characters)
    self.order = Int(order)
    trie = SymbolTrie(symbols: symbols, firstChild: firstChild)
    self.suffixes = suffixes
    self.logProbabilities = logProbabilities
    self.backoffs = backoffs
    guard hasWholeTrie, hasWholeSuffixes else { throw Self.damage("its n-grams do not hang together") }
    guard logProbabilities.allSatisfy({ $0.isFinite && $0 <= 1e-3 }), backoffs.allSatisfy(\.isFinite) else {
      throw Self.damage("it has impossible probabilities")
    }
  }

  private static func damage(_ reason: String) -> ModelFileError { ModelFileError("the language model", reason) }

  private static func charset(_ bytes: [UInt8]) throws(ModelFileError) -> Charset {
    let json: JSON
    do throws(JSONSyntaxError) { json = try JSON(parsing: bytes, maximumDepth: 2) } catch {
      throw damage("its character set is \(error)")
    }
    return try Charset(json: json)
  }

  /// Children lie behind their parents without gaps, in the order of their symbols; the root has every symbol.
  private var hasWholeTrie: Bool {
    guard trie.count > charset.classCount, trie.symbols[0] == 0, trie.firstChild[0] == 1,
      Int(trie.firstChild[trie.count]) == trie.count, Int(trie.firstChild[1]) == charset.classCount + 1
    else { return false }
    for node in 0..<trie.count {
      let (first, end) = (trie.firstChild[node], trie.firstChild[node + 1])
      guard first > node, first <= end, Int(end) <= trie.count else { return false }
      for child in (Int(first)..<Int(end)).dropFirst() where trie.symbols[child - 1] >= trie.symbols[child] {
        return false
      }
    }
    return trie.symbols.allSatisfy { Int($0) < charset.classCount }
  }

  /// Each suffix is the n-gram without its first symbol, which makes every walk along them end at the root.
  private var hasWholeSuffixes: Bool {
    guard suffixes[0] == 0 else { return false }
    for parent in 0..<trie.count {
      for child in trie.children(of: parent) {
        let suffix = Int(suffixes[child])
        let expected = parent == 0 ? 0 : trie.child(of: Int(suffixes[parent]), by: trie.symbols[child])
        guard suffix == expected else { return false }
      }
    }
    return true
  }
}
