import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Every way to serve a model: scripts, programs of any kind on a socket or a port, one container after the other.
@Suite struct EndpointRuntimeTests {
  /// Trained and served with nothing but the standard library.
  private static let training = """
    import json, os, pathlib
    pathlib.Path(os.environ["SM_MODEL_DIR"], "weights.json").write_text(json.dumps({"factor": 3}))
    print("trained")
    """
  private static let inference = """
    import json, os
    import shapes

    def model_fn(model_dir):
        print("loading", os.path.basename(model_dir), flush=True)
        with open(os.path.join(model_dir, "weights.json")) as file:
            return json.load(file)["factor"]

    def input_fn(body, content_type):
        if content_type != "application/json":
            raise ValueError("only JSON is read here, not " + str(content_type))
        return json.loads(body)["numbers"]

    def predict_fn(numbers, factor):
        return [shapes.scaled(number, factor) for number in numbers]

    def output_fn(numbers, accept):
        if accept == "text/csv":
            return ",".join(map(str, numbers)), accept
        return json.dumps({"numbers": numbers, "level": os.environ["LEVEL"]}), "application/json"
    """

  @Test(.timeLimit(.minutes(1)))
  func `an inference script serves what a training script has left`() async throws {
    try await DaemonFixture.use { daemon in
      let folder = daemon.folder
      try Files.makeFolder("\(folder)/code")
      try Files.write(Self.training, to: "\(folder)/train.py", durable: false)
      try Files.write(Self.inference, to: "\(folder)/code/inference.py", durable: false)
      try Files.write("def scaled(x, factor): return x * factor\n", to: "\(folder)/code/shapes.py", durable: false)
      let fit = try await daemon.cli("fit", "--entry-point", "\(folder)/train.py", "--name", "scaler")
      try #require(fit.code == 0, "\(fit.errors)")
      let refused = try await daemon.cli("deploy", "scaler")
      #expect(refused.code == 2 && refused.errors.contains("--entry-point"), "\(refused.errors)")
      let deploy = try await daemon.cli(
        "deploy", "scaler", "--entry-point", "inference.py", "--source-dir", "\(folder)/code", "--env", "LEVEL=high")
      try #require(deploy.code == 0, "\(deploy.errors)")

      func ask(_ text: String, as type: String, _ accept: String? = nil) async throws -> Response {
        var invocation = Invocation(endpoint: "scaler", body: .bytes(Array(text.utf8)))
        invocation.contentType = type
        invocation.accept = accept
        return try await daemon.invoke(invocation)
      }
      let answer = try await ask(#"{"numbers": [1, 2.5]}"#, as: "application/json")
      #expect(try answer.json() == ["numbers": [3, 7.5], "level": "high"], "\(answer.text)")
      #expect(answer.headers["content-type"] == "application/json")
      let table = try await ask(#"{"numbers": [1, 2]}"#, as: "application/json", "text/csv")
      #expect(table.text == "3,6" && table.headers["content-type"] == "text/csv")
      let fault = try await ask("1,2", as: "text/csv")
      let refusal = try #require(InvocationRefusal(fault))
      #expect(refusal.status == 424 && refusal.code == "ModelError" && refusal.originalStatus == 500)
      #expect(refusal.originalMessage?.contains("only JSON is read here, not text/csv") == true, "\(fault.text)")
      let log = try await daemon.cli("logs", "endpoint", "scaler")
      #expect(log.output.contains("loading model"), "\(log.output)")
    }
  }

  /// Answers with what it got, where it serves and a file of its model.
  private static let server = """
    import http.server, json, os, socketserver, sys

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def reply(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def do_GET(self):
            self.reply(b"")
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            model = open("labels.txt").read()
            self.reply(json.dumps({"body": body, "model": model, "on": sys.argv[1]}).encode())
        def address_string(self):
            return "client"

    class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    if sys.argv[1] == "socket":
        UnixServer(os.environ["HTR_SOCKET"], Answers).serve_forever()
    else:
        port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
        http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers).serve_forever()
    """

  @Test(.timeLimit(.minutes(1)), arguments: ["socket", "port"])
  func `any program serves, on the socket or on the port that it is given`(_ place: String) async throws {
    let python = try #require(try await Python.find(boto3: false))
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive("any", ["server.py": Self.server, "labels.txt": "alpha"])
      let command: JSON = [.string(python), "-u", "server.py", .string(place)]
      try await daemon.deploy("any", [DaemonFixture.container("htr/command", archive: archive, ["HTR_COMMAND": command.text])])
      try await daemon.inService("any")
      let answer = try await daemon.ask("any")
      #expect(try answer.json() == ["body": "hello", "model": "alpha", "on": .string(place)], "\(answer.text)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a command that cannot be run fails the endpoint with a reason`() async throws {
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive("plain", ["labels.txt": "alpha"])
      let cases = [
        ("none", [:], "HTR_COMMAND"), ("text", ["HTR_COMMAND": "python3 server.py"], "JSON array"),
        ("absent", ["HTR_COMMAND": #"["no-such-program-here"]"#], "no-such-program-here"),
      ]
      for (name, environment, says) in cases {
        try await daemon.deploy(name, [DaemonFixture.container("htr/command", archive: archive, environment)])
        let record = try await daemon.settled(name)
        #expect(record.status == "Failed")
        #expect(record.failureReason?.contains(says) == true, "\(record.described.text)")
      }
    }
  }

  /// Its port is taken by a stranger between the choice and the start.
  @Test(.timeLimit(.minutes(1)))
  func `a program whose port was taken meanwhile gets another one`() async throws {
    let python = try #require(try await Python.find(boto3: false))
    try await DaemonFixture.use { daemon in
      let gate = try Gate(in: daemon.folder)
      let start = """
        #!/bin/sh
        echo "$SAGEMAKER_BIND_TO_PORT" >> "$PORTS"
        read go < "$GATE"
        exec "$PYTHON" -u server.py port
        """
      let archive = try await daemon.archive(
        "taken", ["server.py": Self.server, "labels.txt": "alpha", "code/serve": start])
      let ports = "\(daemon.folder)/ports"
      try await daemon.deploy(
        "taken",
        [
          DaemonFixture.container(
            "htr/command", archive: archive, ["PORTS": ports, "GATE": gate.path, "PYTHON": python])
        ])
      func chosen() throws -> [UInt16] {
        Files.exists(ports) ? try Files.readText(ports).split(separator: "\n").compactMap { UInt16($0) } : []
      }
      try await waitUntil("a port") { try chosen().count == 1 }
      let stranger = try TakenPort(try chosen()[0])
      gate.open()
      try await waitUntil("another port") { try chosen().count == 2 }
      gate.open()
      let record = try await daemon.inService("taken")
      #expect(try chosen()[1] != stranger.number)
      #expect(record.workers[0].restarts == 1)
      #expect(record.workers[0].lastEnd?.contains("Address already in use") == true, "\(record.described.text)")
      #expect(try await daemon.ask("taken").status == 200)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `containers one after the other hand their answers on`() async throws {
    try await DaemonFixture.use { daemon in
      let archives = try await ["one", "two"].asyncMap { try await daemon.archive($0, ["model.bin": $0]) }
      try await daemon.deploy("chain", archives.map { DaemonFixture.container(archive: $0) })
      try await daemon.inService("chain")
      // The first one's answer is the second one's body.
      let alone = try await daemon.ask("chain", "size=1000").json()
      #expect(alone["model_sha256"] == .string(try await daemon.sha256("\(daemon.folder)/two-files/model.bin")))
      #expect(alone["bytes"] == 1000, "\(alone.text)")
      #expect(daemon.servers(of: "chain").count == 2)
      // One of the two ends: both are replaced.
      let first = Set(daemon.servers(of: "chain").map(\.pid))
      daemon.servers(of: "chain")[1].kill()
      try await daemon.wait(forWorkersOf: "chain", "a new pair") { $0.allSatisfy { $0.state == "Ready" && $0.restarts == 1 } }
      #expect(first.isDisjoint(with: daemon.servers(of: "chain").map(\.pid)))
      #expect(try await daemon.ask("chain").status == 200)
      try await daemon.deleteEndpoint("chain")
      try await daemon.gone("chain")
      #expect(daemon.servers(of: "chain").isEmpty)
    }
  }
}
