import CHost
import Glibc

/// A named value that the file system keeps with a file: it is written, copied and renamed together with it.
public enum ExtendedAttribute {
  /// The largest value that is read. ext4 keeps at most one block.
  private static let largest = 1 << 14

  /// The value; nil where there is none, or where the file system keeps no such values.
  public static func read(_ name: String, of file: borrowing Descriptor, path: String) throws(SystemError) -> [UInt8]? {
    let number = file.number
    return try read(path) { htr_get_attribute(number, name, $0, $1) }
  }

  /// The value of the file at a path (links are not followed).
  public static func read(_ name: String, ofFile path: String) throws(SystemError) -> [UInt8]? {
    try read(path) { htr_get_path_attribute(path, name, $0, $1) }
  }

  /// Sets the value; false where the file system keeps no such values.
  public static func write(
    _ value: [UInt8], as name: String, to file: borrowing Descriptor, path: String
  ) throws(SystemError) -> Bool {
    if htr_set_attribute(file.number, name, value, value.count) == 0 { return true }
    if errno == ENOTSUP { return false }
    throw SystemError("set the attribute \(name) of", path)
  }

  private static func read(
    _ path: String, _ call: (UnsafeMutableRawPointer?, Int) -> Int
  ) throws(SystemError) -> [UInt8]? {
    var failure: SystemError?
    let value = [UInt8](unsafeUninitializedCapacity: largest) { buffer, count in
      let got = call(buffer.baseAddress, largest)
      if got < 0 { failure = SystemError("read the attributes of", path) } else { count = got }
    }
    guard let failure else { return value }
    if [ENODATA, ENOTSUP, ENOENT].contains(failure.code) { return nil }
    throw failure
  }
}
