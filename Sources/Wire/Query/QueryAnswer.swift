import Glibc
public import HostKit
public import JSONKit
import MarkupKit

/// Answers in AWS's query protocol: XML, lists as `member` elements.
public enum QueryAnswer {
  /// - Parameters:
  ///   - result: the action's output; nil for actions that have none.
  ///   - namespace: the service's own, as its API names it.
  public static func success(_ action: String, result: JSON?, namespace: String, requestID: String) -> String {
    var markup = MarkupText()
    markup.element("\(action)Response", ["xmlns": namespace]) { markup in
      if let result { write(result, as: "\(action)Result", to: &markup) }
      markup.element("ResponseMetadata") { $0.leaf("RequestId", text: requestID) }
    }
    return markup.text
  }

  /// - Parameter status: the answer's HTTP status: it tells whose fault the error is.
  public static func failure(
    code: String, message: String, status: Int, namespace: String, requestID: String
  ) -> String {
    var markup = MarkupText()
    markup.element("ErrorResponse", ["xmlns": namespace]) { markup in
      markup.element("Error") { markup in
        markup.leaf("Type", text: status < 500 ? "Sender" : "Receiver")
        markup.leaf("Code", text: code)
        markup.leaf("Message", text: message)
      }
      markup.leaf("RequestId", text: requestID)
    }
    return markup.text
  }

  /// What services that speak this protocol call an error that has another name in the JSON protocol.
  public static func code(_ code: String) -> String {
    switch ServiceError.Code(rawValue: code) {
    case .validation: "ValidationError"
    case .serialization: "MalformedInput"
    case .unknownOperation: "InvalidAction"
    case .accessDenied: "AccessDenied"
    case .requestEntityTooLarge: "RequestEntityTooLarge"
    case .invalidParameterValue: "InvalidParameterValue"
    default: code
    }
  }

  /// A time to the second: `2026-11-24T05:10:00Z`.
  public static func text(_ time: Timestamp) -> String {
    var seconds = time_t((Double(time.milliseconds) / 1000).rounded(.down))
    var date = tm()
    gmtime_r(&seconds, &date)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(Int(date.tm_year) + 1900)-\(two(date.tm_mon + 1))-\(two(date.tm_mday))T"
      + "\(two(date.tm_hour)):\(two(date.tm_min)):\(two(date.tm_sec))Z"
  }

  private static func write(_ value: JSON, as name: String, to markup: inout MarkupText) {
    switch value {
    case .null: break
    case .object(let object):
      markup.element(name) { markup in
        for (key, value) in object.members { write(value, as: key, to: &markup) }
      }
    case .array(let items):
      markup.element(name) { markup in
        for item in items { write(item, as: "member", to: &markup) }
      }
    case .string(let text): markup.leaf(name, text: text)
    case .bool, .integer, .number: markup.leaf(name, text: value.text)
    }
  }
}
