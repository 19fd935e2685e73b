import HostKit
import JSONKit
import Yams

/// A checked-in training job: the body of CreateTrainingJob as YAML or JSON, with variables.
struct JobFile {
  let path: String
  let request: JSON.Object

  private static let sizeLimit = 1 << 20

  init(path: String, template: Template) throws {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: Self.sizeLimit)
    } catch {
      throw Failure("job file \(path)", error.reason, advice: "Give the path of a YAML or JSON file.")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    try self.init(path: absolutePath(path), text: text, template: template)
  }

  init(path: String, text: String, template: Template) throws {
    self.path = path
    let value: JSON
    do {
      value =
        path.hasSuffix(".json")
        ? try Self.json(text, template) : try Self.yaml(text, template)
    } catch var failure as Failure {
      failure.what = "\(path): \(failure.what)"
      throw failure
    }
    guard let request = value.object else {
      throw Failure(path, "the file is no mapping", advice: "Write the members of CreateTrainingJob.")
    }
    self.request = request
  }

  var folder: String { Files.parent(of: path) }

  /// The file's name without its extension: the base name of jobs that the file does not name.
  var stem: String {
    let name = Files.name(of: path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }

  private static func json(_ text: String, _ template: Template) throws -> JSON {
    let value: JSON
    do {
      value = try JSON(parsing: text)
    } catch {
      let line = text.utf8.prefix(error.offset).count { $0 == 0x0A } + 1
      throw Failure("line \(line)", error.message)
    }
    return try filled(value, text, template)
  }

  private static func filled(_ value: JSON, _ text: String, _ template: Template) throws -> JSON {
    switch value {
    case .string(let string):
      guard string.contains("${") else { return value }
      let line = text.firstRange(of: string).map { text[..<$0.lowerBound].count(where: \.isNewline) + 1 }
      return .string(try template.fill(string, line: line))
    case .array(let items): return .array(try items.map { try filled($0, text, template) })
    case .object(let object):
      return .object(.init(try object.members.map { ($0.key, try filled($0.value, text, template)) }))
    default: return value
    }
  }

  private static func yaml(_ text: String, _ template: Template) throws -> JSON {
    do {
      guard let node = try Yams.compose(yaml: text) else { return .null }
      var reader = YAMLReader(template: template)
      return try reader.value(node, depth: 0)
    } catch let error as YamlError {
      throw Failure("YAML", YAMLReader.message(of: error))
    }
  }
}

/// Turns composed YAML into JSON, filling variables in, with bounds on depth and count (aliases can multiply).
private struct YAMLReader {
  let template: Template
  private var left = 100_000

  init(template: Template) { self.template = template }

  mutating func value(_ node: Node, depth: Int) throws -> JSON {
    left -= 1
    guard left > 0, depth < 32 else {
      throw Failure("line \(node.mark?.line ?? 0)", "the file is nested too deeply or has too many values")
    }
    switch node {
    case .scalar(let scalar): return try value(scalar)
    case .sequence(let items):
      var array: [JSON] = []
      for item in items { array.append(try value(item, depth: depth + 1)) }
      return .array(array)
    case .mapping(let mapping):
      var members: [(key: String, value: JSON)] = []
      for (key, item) in mapping {
        guard let name = key.scalar?.string else {
          throw Failure("line \(key.mark?.line ?? 0)", "a member's name must be a text")
        }
        members.append((name, try value(item, depth: depth + 1)))
      }
      return .object(.init(members))
    case .alias(let alias):
      throw Failure("line \(alias.mark?.line ?? 0)", "an alias names no anchor")
    }
  }

  private func value(_ scalar: Node.Scalar) throws -> JSON {
    let text = try template.fill(scalar.string, line: scalar.mark?.line)
    return scalar.style == .plain ? Self.plainValue(text) : .string(text)
  }

  /// What a YAML text without quotes means (YAML 1.2's core schema): so `yes` and dates stay texts.
  static func plainValue(_ text: String) -> JSON {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    // A text that is no JSON number is simply a text.
    if let number = try? JSON(parsing: text), number.number != nil { return number }
    return .string(text)
  }

  static func message(of error: YamlError) -> String {
    "\(error)".split(whereSeparator: \.isNewline).first.map(String.init) ?? "\(error)"
  }
}
