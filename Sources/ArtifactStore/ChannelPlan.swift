import ArchiveKit
import Glibc
import HostKit
import JSONKit

/// Every file that a channel will hold, found before the first byte is copied.
struct ChannelPlan {
  struct Item {
    let path: String
    /// The source must lie inside this folder when it is opened.
    let root: String
    /// Relative to the channel's folder.
    let destination: String
    let size: Int64
  }

  private(set) var items: [Item] = []
  /// The rewritten augmented manifest.
  private(set) var manifest: [UInt8]?

  let source: ChannelSource
  private let store: BucketStore
  private let supply: Supply
  private let location: ContentLocation
  private let maximumFiles: Int
  private let isForbidden: @Sendable (String) -> Bool

  /// Brings what lies elsewhere, until it is told to stop.
  struct Supply {
    let source: (any ObjectSupply)?
    let isCancelled: () -> Bool

    func bring(prefix: ObjectAddress) throws(StoreError) { try source?.bring(prefix: prefix, isCancelled: isCancelled) }
    func bring(_ object: ObjectAddress) throws(StoreError) { try source?.bring(object, isCancelled: isCancelled) }
  }

  /// `part` is the host's index among `parts` hosts, for sharded channels.
  init(
    _ source: ChannelSource, store: BucketStore, supply: Supply, part: Int, parts: Int, maximumFiles: Int,
    isForbidden: @escaping @Sendable (String) -> Bool
  ) throws(StoreError) {
    guard let location = ContentLocation(source.uri) else {
      throw Self.failure(
        .unreadableInput, "'\(source.uri)' is neither s3://BUCKET/KEY nor file:///ABSOLUTE/PATH")
    }
    self.source = source
    self.store = store
    self.supply = supply
    self.location = location
    self.maximumFiles = maximumFiles
    self.isForbidden = isForbidden
    let isMine: (Int) -> Bool = { !source.isSharded || $0 % max(parts, 1) == part }
    switch source.kind {
    case .prefix: try planPrefix()
    case .manifestFile: try planManifest()
    case .augmentedManifestFile(let names): try planAugmentedManifest(names, isMine: isMine)
    }
    guard !items.isEmpty || manifest?.isEmpty == false else {
      throw Self.failure(.noInput, "No S3 objects found under S3 URL \"\(source.uri)\" given in input data source.")
    }
    // The lines of an augmented manifest are shared out above, with the files they name.
    if manifest == nil { items = items.enumerated().filter { isMine($0.offset) }.map(\.element) }
  }

  static func failure(_ code: StoreError.Code, _ reason: String, cause: SystemError? = nil) -> StoreError {
    StoreError(code, "Data download failed: \(reason)", cause: cause)
  }

  // MARK: Prefixes

  private mutating func planPrefix() throws(StoreError) {
    switch location {
    case .objects(let address): try planObjects(address)
    case .local(let path):
      try requireAllowed(path)
      try planLocal(path)
    }
  }

  private mutating func planObjects(_ prefix: ObjectAddress) throws(StoreError) {
    try supply.bring(prefix: prefix)
    let root = try bucketFolder(prefix.bucket)
    var after = ""
    while true {
      let page = try store.list(prefix.bucket, prefix: prefix.key, after: after)
      guard let last = page.last else { return }
      after = last.key
      for object in page {
        // S3's consoles make folders of such empty objects.
        if object.size == 0, object.key.utf8.last == UInt8(ascii: "/") { continue }
        // The URI may be an object by itself: then its name is what is left.
        let rest = Array(object.key.utf8.dropFirst(prefix.key.utf8.count))
        let relative = rest.isEmpty ? Files.name(of: object.key) : String(decoding: rest, as: UTF8.self)
        try add(object, bucket: prefix.bucket, root: root, relative: relative)
      }
    }
  }

  private mutating func planLocal(_ path: String) throws(StoreError) {
    guard let real = FolderTree.realPath(path) else { throw unreadable(path, SystemError("open", path)) }
    do {
      if let status = try Files.status(real), status.kind == .file {
        return try add(path: real, root: real, relative: Files.name(of: path), size: status.size)
      }
      guard access(real, R_OK | X_OK) == 0 else { throw unreadable(path, SystemError("read", path)) }
      let tree = try FolderTree(of: path, maximumMembers: maximumFiles)
      for member in tree.members where !member.isFolder {
        try add(path: member.source, root: tree.realRoot, relative: member.path, size: Self.size(of: member.source))
      }
    } catch let fault as FolderTree.Fault {
      let fallback: StoreError.Code = fault.cause == nil ? .forbiddenInput : .unreadableInput
      let code = fault.isLimit ? .limitExceeded : fallback
      throw Self.failure(
        code, "\(source.uri): '\(fault.member)': \(fault.reason)", cause: fault.cause)
    } catch let error as StoreError {
      throw error
    } catch {
      throw Self.failure(.unreadableInput, "\(source.uri): \(error)")
    }
  }

  // MARK: Manifests

  private static let maximumManifestBytes = 256 << 20

  private mutating func planManifest() throws(StoreError) {
    let json: JSON
    do { json = try JSON(parsing: try manifestBytes()) } catch let error as JSONSyntaxError {
      throw invalidManifest("\(error)")
    } catch let error as StoreError { throw error } catch { throw invalidManifest("\(error)") }
    guard let entries = json.array, let prefix = entries.first?["prefix"]?.string else {
      throw invalidManifest("it must be a JSON array whose first element is {\"prefix\": \"s3://…\"}")
    }
    for entry in entries.dropFirst() {
      guard let relative = entry.string else { throw invalidManifest("after the prefix only strings may follow") }
      guard let place = ContentLocation(prefix + relative) else {
        throw invalidManifest("'\(prefix)' is neither s3://BUCKET/KEY nor file:///ABSOLUTE/PATH")
      }
      try add(place, relative: relative, base: ContentLocation(prefix))
    }
  }

  /// The rewritten manifest is `CHANNEL.manifest` in the channel's folder, one line for each of the original's, with
  /// the chosen attributes in their given order. An attribute whose name ends in `-ref` names a file: its value becomes
  /// the path, relative to the channel's folder, of the copy, `ATTRIBUTE/00000000-NAME`, numbered in order of first
  /// mention, so that equal names from different folders stay apart.
  private mutating func planAugmentedManifest(_ names: [String], isMine: (Int) -> Bool) throws(StoreError) {
    guard !names.isEmpty else { throw invalidManifest("AttributeNames must name at least one attribute") }
    var output: [UInt8] = []
    var copies: [[UInt8]: String] = [:]
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
    let lines = try manifestBytes().split(separator: 0x0A).filter { !$0.allSatisfy(isBlank) }
    for (index, line) in lines.enumerated() where isMine(index) {
      let json: JSON
      do { json = try JSON(parsing: Array(line)) } catch { throw invalidManifest("line \(index + 1): \(error)") }
      var members: [(key: String, value: JSON)] = []
      for name in names {
        guard let value = json[name] else { throw invalidManifest("line \(index + 1) has no attribute '\(name)'") }
        guard name.hasSuffix("-ref") else {
          members.append((name, value))
          continue
        }
        guard let reference = value.string else {
          throw invalidManifest("line \(index + 1): the value of '\(name)' is not a string")
        }
        let key = Array("\(name)\0\(reference)".utf8)
        if copies[key] == nil { copies[key] = try addReference(reference, attribute: name, number: copies.count) }
        members.append((name, .string(copies[key] ?? "")))
      }
      output += JSON.object(.init(members)).bytes + [0x0A]
    }
    manifest = output
  }

  private mutating func addReference(
    _ reference: String, attribute: String, number: Int
  ) throws(StoreError) -> String {
    let name = String(decoding: Files.name(of: reference).utf8.suffix(200), as: UTF8.self)
    let digits = String(number)
    let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    let relative = "\(attribute)/\(padded)-\(name)"
    if let place = ContentLocation(reference) {
      try add(place, relative: relative, base: nil)
    } else {
      let folder = Files.parent(of: source.uri) + "/"
      guard let place = ContentLocation(folder + reference) else {
        throw invalidManifest("'\(reference)' is neither s3://BUCKET/KEY, file:///ABSOLUTE/PATH nor a relative path")
      }
      try add(place, relative: relative, base: ContentLocation(folder))
    }
    return relative
  }

  private func manifestBytes() throws(StoreError) -> [UInt8] {
    let path = try readablePath(of: location, uri: source.uri)
    do throws(SystemError) { return try Files.read(path, limit: Self.maximumManifestBytes) } catch {
      throw unreadable(source.uri, error)
    }
  }

  private func readablePath(of place: ContentLocation, uri: String) throws(StoreError) -> String {
    switch place {
    case .local(let path): return path
    case .objects(let address):
      try supply.bring(address)
      _ = try bucketFolder(address.bucket)
      guard let path = try store.path(of: address) else {
        throw Self.failure(.noSuchObject, "there is no object \(uri)")
      }
      return path
    }
  }

  // MARK: One file

  /// Adds a file that a manifest names; a local one must lie inside the local folder `base`, when there is one.
  private mutating func add(
    _ place: ContentLocation, relative: String, base: ContentLocation?
  ) throws(StoreError) {
    let path = try readablePath(of: place, uri: place.uri)
    if case .local(let path) = place { try requireAllowed(path) }
    let root: String
    switch (place, base) {
    case (.objects(let address), _): root = try bucketFolder(address.bucket)
    case (.local, .local(let folder)): root = FolderTree.realPath(folder) ?? "/"
    case (.local, _): root = "/"
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw unreadable(place.uri, SystemError("open", path)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Self.failure(.forbiddenInput, "\(place.uri), which \(source.uri) names, is not a regular file")
    }
    try add(path: path, root: root, relative: relative, size: Int64(status.st_size))
  }

  private mutating func add(
    _ object: StoredObject, bucket: String, root: String, relative: String
  ) throws(StoreError) {
    // Deleted since it was listed.
    guard let path = try store.path(of: ObjectAddress(bucket: bucket, key: object.key)) else { return }
    try add(path: path, root: root, relative: relative, size: object.size)
  }

  private mutating func add(path: String, root: String, relative: String, size: Int64) throws(StoreError) {
    guard items.count < maximumFiles else {
      throw Self.failure(.limitExceeded, "\(source.uri) holds more than \(maximumFiles) files")
    }
    items.append(Item(path: path, root: root, destination: try safePath(relative), size: size))
  }

  /// A relative path as the file's place below the channel's folder: leading and double slashes fall away.
  private func safePath(_ relative: String) throws(StoreError) -> String {
    let parts = ObjectPath.split(relative).filter { !$0.isEmpty }
    let isFine = parts.allSatisfy { $0 != "." && $0 != ".." && $0.utf8.count <= 255 && !$0.utf8.contains(0) }
    guard isFine, !parts.isEmpty else {
      throw Self.failure(
        .forbiddenInput, "'\(relative)', from \(source.uri), cannot be the name of a file in the channel")
    }
    return parts.joined(separator: "/")
  }

  /// Manifests are data from outside: they must not name what jobs may not read.
  private func requireAllowed(_ path: String) throws(StoreError) {
    guard !isForbidden(path) else {
      throw Self.failure(
        .forbiddenInput, "\(path), which \(source.uri) names, is htr's own state, which jobs may not read")
    }
  }

  private func bucketFolder(_ bucket: String) throws(StoreError) -> String {
    guard store.bucketExists(bucket), let real = FolderTree.realPath("\(store.root)/\(bucket)") else {
      throw Self.failure(.noSuchBucket, "The specified bucket does not exist: \(bucket)")
    }
    return real
  }

  private func invalidManifest(_ reason: String) -> StoreError {
    Self.failure(.invalidManifest, "the manifest \(source.uri) is invalid: \(reason)")
  }

  private func unreadable(_ subject: String, _ cause: SystemError) -> StoreError {
    Self.failure(.unreadableInput, "\(subject) cannot be read: \(cause.reason)", cause: cause)
  }

  private static func size(of path: String) throws(StoreError) -> Int64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw StoreError(SystemError("look at", path)) }
    return Int64(status.st_size)
  }
}
