/// Walks the YAML tree and collects what it does not understand.
struct SettingsReader {
  let root: Any?
  /// Where the file lies.
  let folder: String
  var faults: [String] = []

  init(root: Any?, folder: String) {
    self.root = root
    self.folder = folder
  }

  mutating func settings() -> Settings {
    var settings = Settings()
    guard let root else { return settings }
    guard let map = root as? [String: Any] else {
      faults.append("the file must be a map of settings")
      return settings
    }
    for (key, value) in map.sorted(by: { $0.key < $1.key }) {
      read(key, value, into: &settings)
    }
    if let value = map["s3"] {
      do throws(ServiceStartError) {
        settings.remoteStorage = try .init(value, region: settings.region, folder: folder)
      } catch { faults.append(error.description) }
    }
    return settings
  }

  private mutating func read(_ key: String, _ value: Any, into settings: inout Settings) {
    switch key {
    case "images": settings.images = images(value)
    case "instance-types": settings.instanceTypes = instanceTypes(value)
    case "oversize": set(&settings.oversize, key, value)
    case "requirements": set(&settings.requirements, key, value)
    case "python": set(&settings.python, key, value)
    case "region": set(&settings.region, key, value)
    case "default-bucket": set(&settings.defaultBucket, key, value)
    case "cpus": settings.cpus = count(key, value).map { Int($0) }
    case "memory-mib": settings.memoryMiB = count(key, value)
    case "gpus": settings.gpus = count(key, value, least: 0).map { Int($0) }
    case "stop-grace-seconds": set(&settings.stopGraceSeconds, key, value)
    case "sample-seconds": set(&settings.sampleSeconds, key, value)
    case "checkpoint-seconds": set(&settings.checkpointSeconds, key, value)
    case "log-limit-mib": settings.logLimitMiB = count(key, value) ?? settings.logLimitMiB
    case "invocation-mib": settings.invocationMiB = count(key, value, most: 1024) ?? settings.invocationMiB
    case "liveness-seconds": set(&settings.livenessSeconds, key, value, least: 0.1)
    case "drain-seconds": set(&settings.drainSeconds, key, value)
    case "s3": break  // below: it needs the others
    default: faults.append("unknown setting '\(key)'")
    }
  }

  private mutating func set<Choice: RawRepresentable & CaseIterable>(
    _ target: inout Choice, _ key: String, _ value: Any
  ) where Choice.RawValue == String {
    if let choice = (value as? String).flatMap(Choice.init(rawValue:)) {
      target = choice
    } else {
      let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      faults.append("'\(key)' must be one of \(choices)")
    }
  }

  private mutating func set(_ target: inout String, _ key: String, _ value: Any) {
    if let text = value as? String, !text.isEmpty { target = text } else { faults.append("'\(key)' must be a text") }
  }

  private mutating func set(_ target: inout Double, _ key: String, _ value: Any, least: Double = 0) {
    let number = (value as? Double) ?? (value as? Int).map(Double.init)
    if let number, number >= least, number.isFinite {
      target = number
    } else {
      faults.append(least > 0 ? "'\(key)' must be at least \(least) seconds" : "'\(key)' must be a number of seconds")
    }
  }

  private mutating func count(_ key: String, _ value: Any, least: Int = 1, most: Int = .max) -> Int64? {
    guard let number = value as? Int, (least...most).contains(number) else {
      let limit = most == .max ? "of at least \(least)" : "from \(least) to \(most)"
      faults.append("'\(key)' must be an integer \(limit)")
      return nil
    }
    return Int64(number)
  }

  private mutating func images(_ value: Any) -> [Settings.ImageRule] {
    guard let list = value as? [[String: Any]] else {
      faults.append("'images' must be a list of rules, each with 'match' and 'runtime'")
      return []
    }
    return list.compactMap { item in
      let unknown = Set(item.keys).subtracting(["match", "runtime", "algorithm", "python"])
      guard unknown.isEmpty, let match = item["match"] as? String,
        let runtime = (item["runtime"] as? String).flatMap(Settings.ImageRule.Runtime.init(rawValue:))
      else {
        faults.append(
          "each rule of 'images' needs 'match' and 'runtime' (builtin, script, command), and may have 'algorithm' or 'python'"
        )
        return nil
      }
      if runtime == .builtin, item["algorithm"] as? String == nil {
        faults.append("the rule for \(match) has runtime builtin and needs an 'algorithm'")
      }
      return Settings.ImageRule(
        match: match, runtime: runtime, algorithm: item["algorithm"] as? String,
        python: item["python"] as? String)
    }
  }

  private mutating func instanceTypes(_ value: Any) -> [String: Settings.InstanceSize] {
    guard let map = value as? [String: [String: Any]] else {
      faults.append("'instance-types' must map a name to cpus, memory-mib and gpus")
      return [:]
    }
    var sizes: [String: Settings.InstanceSize] = [:]
    for (name, item) in map.sorted(by: { $0.key < $1.key }) {
      let unknown = Set(item.keys).subtracting(["cpus", "memory-mib", "gpus"])
      guard unknown.isEmpty, let cpus = count("\(name).cpus", item["cpus"] ?? 1),
        let memory = count("\(name).memory-mib", item["memory-mib"] ?? 1024),
        let gpus = count("\(name).gpus", item["gpus"] ?? 0, least: 0)
      else {
        if !unknown.isEmpty {
          faults.append("instance type \(name): unknown \(unknown.sorted().joined(separator: ", "))")
        }
        continue
      }
      sizes[name] = .init(cpus: Int(cpus), memoryMiB: memory, gpus: Int(gpus))
    }
    return sizes
  }
}
