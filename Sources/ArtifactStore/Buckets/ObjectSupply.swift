/// Makes a bucket's objects be here before they are looked at, where the bucket lies somewhere else and this machine has
/// copies. It has nothing to do for buckets that are at home here.
public protocol ObjectSupply: Sendable {
  /// All objects whose keys begin with the address's key.
  /// - Throws: `.cancelled` soon after `isCancelled` answers true.
  func bring(prefix: ObjectAddress, isCancelled: @escaping () -> Bool) throws(StoreError)
  /// One object, if there is one.
  func bring(_ object: ObjectAddress, isCancelled: @escaping () -> Bool) throws(StoreError)
}
