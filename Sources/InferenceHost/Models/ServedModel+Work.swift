extension ServedModel {
  /// Works on items together; when that fails, on each by itself, so that one bad image costs only its own request.
  /// - Returns: one result per item, in order.
  func workOnEach(_ items: [Item], options: Options) -> [Result<Finding, ReaderFailure>] {
    let together = Result { () throws(ReaderFailure) in try workOnAll(items, options: options) }
    switch together {
    case .success(let findings): return findings.map { .success($0) }
    case .failure(let failure) where items.count == 1: return [.failure(failure)]
    case .failure:
      return items.map { item in
        Result { () throws(ReaderFailure) in try workOnAll([item], options: options)[0] }
      }
    }
  }

  private func workOnAll(_ items: [Item], options: Options) throws(ReaderFailure) -> [Finding] {
    let findings: [Finding]
    do {
      findings = try work(on: items, options: options)
    } catch {
      throw ReaderFailure(reason: "\(error)")
    }
    guard findings.count == items.count else {
      throw ReaderFailure(
        reason: "the model gave \(findings.count) readings for \(items.count) images")
    }
    return findings
  }

  func passSelfTest() throws(ReaderFailure) {
    let finding = try workOnEach([selfTest.item], options: selfTest.options)[0].get()
    if let fault = fault(inSelfTest: finding) { throw ReaderFailure(reason: fault) }
  }
}

/// The model could not read; says why in its own words.
struct ReaderFailure: Error, Sendable, Equatable {
  let reason: String
}
