import GRDB
import Glibc
import HostKit
import Persistence
import Testing

/// A store in a folder that goes with the closure.
func withStore(_ body: (Store, String) async throws -> Void) async throws {
  var template = Array("/tmp/htr-store-XXXXXX".utf8CString)
  let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
  defer { #expect(throws: Never.self) { try Files.remove(folder) } }
  let path = "\(folder)/htr.sqlite"
  try await body(try Store(path: path), path)
}

/// The rows of each table, seen past the store.
func countRows(_ tables: [String], at path: String) async throws -> [Int] {
  try await DatabaseQueue(path: path).read { db in
    try tables.map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1 }
  }
}
