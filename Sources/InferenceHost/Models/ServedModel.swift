import HTTPTypes

/// A loaded model as the worker serves it: how requests are understood, worked on and answered.
protocol ServedModel: Sendable {
  /// What one place in the queue holds.
  associatedtype Item: Sendable
  /// What is to be found out beyond the usual; items that want the same can be worked on together.
  associatedtype Options: Sendable, Equatable
  /// What is found of one item.
  associatedtype Finding: Sendable
  /// What answers can look like.
  associatedtype Form: Sendable

  /// The form of the answer, from the header alone: what cannot be given is refused before the body is read.
  func form(for headers: HTTPFields) throws(InvocationFault) -> Form

  /// The items of a request.
  /// - Throws: a fault of the sender, always; whatever the bytes are.
  func understand(
    _ body: [UInt8], contentType: String?, limits: InvocationLimits
  ) throws(InvocationFault) -> (items: [Item], options: Options)

  /// What an item takes while it waits, in bytes.
  func size(of item: Item) -> Int

  /// Works on items together; what is found of one does not depend on the others.
  /// - Returns: one finding for each item, in order.
  func work(on items: [Item], options: Options) throws -> [Finding]

  /// - Parameter findings: of all items of the request, in order.
  func body(of findings: [Finding], options: Options, form: Form) -> [UInt8]
  func contentType(of form: Form) -> String

  /// An item that is always the same: a model that cannot work on it serves nobody.
  var selfTest: (item: Item, options: Options) { get }
  /// What is wrong with the finding of the self-test; nil when nothing is.
  func fault(inSelfTest finding: Finding) -> String?
}
