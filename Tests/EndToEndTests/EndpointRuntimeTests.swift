import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// What endpoints can run: inference scripts, any program, several containers in a row, our own models.
@Suite struct EndpointRuntimeTests {
  private static let trainingScript = """
    import json, os, shutil
    model = os.environ["SM_MODEL_DIR"]
    json.dump({"factor": int(os.environ["SM_HP_FACTOR"])}, open(os.path.join(model, "weights.json"), "w"))
    shutil.copytree(os.path.join(os.path.dirname(__file__), "serving"), os.path.join(model, "code"))
    """

  private static let inferenceScript = """
    import json, os

    def model_fn(model_dir):
        return json.load(open(os.path.join(model_dir, "weights.json")))

    def input_fn(body, content_type):
        if content_type != "application/json":
            raise ValueError("give JSON, not " + str(content_type))
        return json.loads(body)

    def predict_fn(data, model):
        return {"product": data["x"] * model["factor"]}

    def output_fn(prediction, accept):
        return json.dumps(prediction), accept
    """

  @Test(.timeLimit(.minutes(1)))
  func `a script trains a model, and a plain Python inference script serves it`() async throws {
    try await DaemonFixture.use { daemon in
      let source = "\(daemon.folder)/source"
      try Files.makeFolder("\(source)/serving")
      try Files.write(Self.trainingScript, to: "\(source)/train.py", durable: false)
      try Files.write(Self.inferenceScript, to: "\(source)/serving/inference.py", durable: false)
      let fit = try await daemon.cli(
        "fit", "--entry-point", "train.py", "--source-dir", source, "--name", "trained", "--hyperparameter", "factor=3")
      try #require(fit.code == 0, "\(fit.errors) \(fit.output)")
      let deploy = try await daemon.cli("deploy", "trained")
      try #require(deploy.code == 0, "\(deploy.errors)")
      #expect(deploy.output.contains("htr/script"))

      var question = Invocation(endpoint: "trained", body: .bytes(Array(#"{"x": 14}"#.utf8)))
      question.contentType = "application/json"
      #expect(try await daemon.invoke(question).json()["product"] == 42)
      question.contentType = "text/csv"
      let refusal = try await daemon.invoke(question)
      #expect(refusal.status == 424)
      #expect(try refusal.json()["OriginalMessage"]?.string?.hasPrefix("give JSON, not text/csv") == true)
      #expect(try await daemon.endpoint("trained").workers.allSatisfy { $0.restarts == 0 })
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a script that cannot load its model fails the endpoint with the script's own words`() async throws {
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive(
        "broken", ["code/inference.py": "def model_fn(model_dir):\n    raise RuntimeError('no weights here')\n"])
      try await daemon.deploy("broken", [DaemonFixture.container("htr/script", archive: archive)])
      let record = try await daemon.settled("broken")
      #expect(record.status == "Failed")
      #expect(record.failureReason?.contains("no weights here") == true, "\(record.failureReason ?? "")")
    }
  }

  /// Any program: Python's own HTTP server, on the Unix socket or on the port that it is told.
  private static func server(on place: String) -> String {
    """
    #!/usr/bin/env python3
    import http.server, os, socketserver

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.reply(b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.reply(open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/greeting").read().encode() + body)

        def address_string(self):
            return "client"

    if "\(place)" == "socket":
        server = socketserver.ThreadingUnixStreamServer(os.environ["HTR_SOCKET"], Answer)
    else:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Answer)
    server.serve_forever()
    """
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["socket", "port"])
  func `any program that answers ping and invocations is a worker`(_ place: String) async throws {
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive(
        "greeter", ["greeting": "good morning, ", "code/serve": Self.server(on: place)])
      try await daemon.deploy("greeter", [DaemonFixture.container("htr/command", archive: archive)], instances: 2)
      try await daemon.inService("greeter")
      for name in ["Ada", "Grace"] {
        let answer = try await daemon.ask("greeter", body: name)
        #expect(answer.status == 200)
        #expect(answer.text == "good morning, \(name)")
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `with several containers the answer of one is the request of the next`() async throws {
    try await DaemonFixture.use { daemon in
      let first = try await daemon.archive("first", ["model.bin": "first"])
      let second = try await daemon.archive("second", ["model.bin": "second"])
      try await daemon.deploy(
        "pipeline", [DaemonFixture.container(archive: first), DaemonFixture.container(archive: second)])
      try await daemon.inService("pipeline")
      #expect(daemon.servers(of: "pipeline").count == 2)
      let answer = try await daemon.ask("pipeline", body: "a question").json()
      #expect(try await answer["model_sha256"] == daemon.mark(of: "second"))
      #expect(answer["content_type"] == "application/json")
      #expect((answer["bytes"]?.integer ?? 0) > 100)
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `pages are read by one endpoint of both models, and by one endpoint for each`() async throws {
    try await DaemonFixture.use { daemon in
      let desk = try ReadTests.Desk("\(daemon.folder)/desk", pages: 2)
      let page = try await daemon.cli("deploy", desk.localiser, desk.recogniser, "--endpoint", "page")
      try #require(page.code == 0, "\(page.errors)")
      #expect(daemon.servers(of: "page").count == 1)
      for (name, model) in [("find", desk.localiser), ("read", desk.recogniser)] {
        let deploy = try await daemon.cli("deploy", model, "--endpoint", name)
        try #require(deploy.code == 0, "\(deploy.errors)")
      }
      let whole = try await daemon.cli(
        "read", desk.scans, "--page-endpoint", "page", "--format", "json", "--output", "whole/")
      #expect(whole.code == 0, "\(whole.errors)")
      let pair = try await daemon.cli(
        "read", desk.scans, "--segmentation-endpoint", "find", "--recognition-endpoint", "read", "--format", "json",
        "--output", "pair/")
      #expect(pair.code == 0, "\(pair.errors)")
      for name in ["000.json", "001.json"] {
        let read = try JSON(parsing: Files.read("\(daemon.folder)/whole/\(name)"))
        #expect(read["width"] == 320)
        #expect(Files.exists("\(daemon.folder)/pair/\(name)"))
      }
      let wrong = try await daemon.cli("read", desk.scans, "--page-endpoint", "nowhere")
      #expect(wrong.code != 0 && wrong.errors.contains("nowhere"), "\(wrong.errors)")
    }
  }
}
