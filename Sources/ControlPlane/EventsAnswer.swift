import HostKit
import JSONKit
import Persistence

extension JSON {
  /// The events of a resource as htr's own routes tell them.
  static func events(_ events: [EventRecord]) -> JSON {
    [
      "Events": .array(
        events.map { ["At": .number($0.at.seconds), "Kind": .string($0.kind), "Detail": .string($0.detail)] })
    ]
  }
}
