import Foundation
import Signing
import Testing

/// Requests that AWS's own Python client signs, and every small alteration of them.
///
/// Needs `python3` with botocore; where that is absent there is nothing to compare with and the tests are skipped.
@Suite(.enabled("python3 with botocore is installed") { BotocoreBatch.isAvailable })
struct BotocoreTests {
  @Test(.timeLimit(.minutes(1)))
  func `what botocore signs is accepted and every alteration of it is refused`() throws {
    let batch = try BotocoreBatch.make(count: 200)
    #expect(batch.count == 200)
    var refused = 0
    for sample in batch {
      do throws(SignatureError) {
        let identity = try sample.verify()
        #expect(identity.service == sample.service)
        #expect(identity.region == sample.region)
      } catch {
        Issue.record("\(error.reason) for \(sample.request)")
      }
      for (change, altered) in sample.alterations {
        refused += 1
        #expect(throws: SignatureError.self, "\(change): \(altered.request)") {
          try altered.verify()
        }
      }
    }
    #expect(refused > 1500)
  }
}

struct BotocoreSample: Decodable {
  let service: String
  let region: String
  let method: String
  var path: String
  var query: String
  var headers: [[String]]
  var body: [UInt8]
  let now: Int64

  static let key = Credentials(
    accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  static let keys = KeyRing(key)

  var request: RequestHead {
    RequestHead(
      method: method, rawPath: path, rawQuery: query,
      headers: headers.map { (name: $0[0], value: $0[1]) })
  }

  func verify() throws(SignatureError) -> VerifiedIdentity {
    try SignatureVerifier(services: ["sagemaker", "s3", "sts", "iam", "logs", "monitoring"]).verify(
      request, bodyDigest: { BodyHash.of(body) }, keys: Self.keys, now: now)
  }

  /// The sample with one thing changed: a byte of the body, each header's value, the path, the query, the date.
  var alterations: [(change: String, BotocoreSample)] {
    var altered: [(String, BotocoreSample)] = []
    func alter(_ change: String, _ body: (inout BotocoreSample) -> Void) {
      var copy = self
      body(&copy)
      altered.append((change, copy))
    }
    let isPresigned = query.contains("X-Amz-Signature")
    if !(isPresigned && service == "s3") {
      alter("longer body") { $0.body.append(0x20) }
      for index in [0, body.count / 2, body.count - 1] where body.indices.contains(index) {
        alter("body byte \(index)") { $0.body[index] ^= 1 }
      }
    }
    for index in headers.indices where !["user-agent", "expect"].contains(headers[index][0].lowercased()) {
      alter("header \(headers[index][0])") { $0.headers[index][1] += "x" }
      alter("no header \(headers[index][0])") { $0.headers.remove(at: index) }
      alter("twice \(headers[index][0])") { $0.headers.append($0.headers[index]) }
    }
    alter("longer path") { $0.path += "x" }
    alter("other path") { $0.path = "/x" + $0.path }
    alter("slash") { $0.path += "/" }
    alter("dots") { $0.path = "/x/.." + $0.path }
    alter("query") { $0.query += $0.query.isEmpty ? "x=1" : "&x=1" }
    if let first = query.split(separator: "&").first {
      alter("repeated parameter") { $0.query += "&\(first)" }
      // Any letter may be escaped: the reader of the query sees the same name again.
      if let letter = first.utf8.first, letter >= 0x41 {
        alter("repeated parameter in another spelling") {
          $0.query += "&%\(String(letter, radix: 16))\(first.dropFirst())"
        }
      }
    }
    if let equals = query.firstIndex(of: "=") {
      alter("query value") { $0.query.insert("x", at: $0.query.index(after: equals)) }
    }
    return altered
  }
}

enum BotocoreBatch {
  static var isAvailable: Bool {
    (try? python("import botocore.auth")) != nil  // No python3 or no botocore: the suite is skipped and says so.
  }

  static func make(count: Int) throws -> [BotocoreSample] {
    let session = BotocoreSample.keys.makeSession(
      of: .role(name: "Scribe", session: "afternoon"), until: Int64(Date().timeIntervalSince1970) + 3600)
    let given = [BotocoreSample.key, session].map { ["\($0.accessKeyId)", $0.secretAccessKey, $0.sessionToken ?? ""] }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let keys = String(decoding: try encoder.encode(given), as: UTF8.self)
    return try JSONDecoder().decode(
      [BotocoreSample].self, from: python("count = \(count)\ngiven = \(keys)\n" + script))
  }

  private static func python(_ program: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let interpreter = ProcessInfo.processInfo.environment["HTR_TEST_PYTHON"] ?? "python3"
    process.arguments = [interpreter, "-c", program]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return data
  }

  /// Seeded, so that a failure can be seen again. Paths and queries are escaped as botocore's serialiser does it.
  private static let script = #"""
    import json, random, time
    from urllib.parse import quote, urlsplit
    from botocore.auth import SigV4Auth, S3SigV4Auth, SigV4QueryAuth, S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    pick = random.Random(7)
    rings = [Credentials(key, secret, token or None) for key, secret, token in given]
    letters = "abcXYZ019-_.~ %+=&?#/:;,@!$'()*[]\"é日本ß😀"
    def text(low, high, without=""):
        return "".join(c for c in (pick.choice(letters) for _ in range(pick.randint(low, high))) if c not in without)
    batch = []
    for number in range(count):
        keys = rings[number % 3 == 0]
        service = pick.choice(["sagemaker", "s3", "s3", "sts", "iam", "logs", "monitoring"])
        region = pick.choice(["us-east-1", "eu-west-3", "ap-southeast-2"])
        presigned = number % 5 == 0
        if service == "s3":
            path = "/bucket/" + "/".join(quote(text(1, 12), safe="/~") for _ in range(pick.randint(1, 3)))
        elif service != "sagemaker" or pick.random() < 0.5:
            path = "/"
        else:
            path = "/endpoints/" + quote("e" + text(1, 12, "/."), safe="~") + "/invocations"
        pairs = [(text(1, 6), text(0, 8)) for _ in range(pick.randint(0, 4))]
        pairs = list(dict(pairs).items())
        query = "&".join(quote(k, safe="-_.~") + "=" + quote(v, safe="-_.~") for k, v in pairs)
        method = pick.choice(["GET", "PUT", "POST", "DELETE"])
        body = b"" if presigned else bytes(pick.randrange(256) for _ in range(pick.randint(0, 60)))
        url = "http://127.0.0.1:8770" + path + ("?" + query if query else "")
        headers = {}
        if not presigned:
            headers["User-Agent"] = "Boto3/1"
            kinds = ["application/x-amz-json-1.1", "text/csv;  charset=utf-8", "image/png"]
            headers["Content-Type"] = pick.choice(kinds)
            if service == "sagemaker": headers["X-Amz-Target"] = "SageMaker.ListTrainingJobs"
            if pick.random() < 0.5: headers["X-Amz-Meta-Name"] = "  a   b " + str(number)
            if pick.random() < 0.3: headers["Expect"] = "100-continue"
        request = AWSRequest(method=method, url=url, headers=headers, data=body)
        if presigned:
            kind = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
            kind(keys, service, region, expires=pick.choice([60, 3600])).add_auth(request)
        else:
            (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, region).add_auth(request)
        parts = urlsplit(request.url)
        sent = [["Host", "127.0.0.1:8770"]] + [[k, v] for k, v in request.headers.items()]
        batch.append({"service": service, "region": region, "method": method, "path": parts.path,
            "query": parts.query, "headers": sent, "body": list(body), "now": int(time.time())})
    print(json.dumps(batch))
    """#
}
