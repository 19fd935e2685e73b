import HostKit
import TestKit
import Testing

/// A user's script in serve.py, beyond what the toolkit's record says.
@Suite(.enabled(if: ServingWorker.python != nil, ServingWorker.hint), .timeLimit(.minutes(1)))
struct ServingScriptTests {
  static let loader = "def model_fn(model_dir):\n    return 7\n"
  static let repeater = loader + "def transform_fn(model, body, content_type, accept):\n    return body\n"

  @Test func `a script sees its own name, arguments, folders and thread`() async throws {
    let worker = try await ServingWorker(
      """
      import os, sys, threading, helper
      def model_fn(model_dir):
          return [model_dir, threading.current_thread() is threading.main_thread()]
      def transform_fn(model, body, content_type, accept):
          return model + [threading.current_thread() is threading.main_thread(), __name__, sys.argv, os.getcwd(),
                          sys.path[0], helper.__file__, any('Scripts' in folder for folder in sys.path)]
      """, files: ["helper.py": "\n"]
    ).ready()
    let code = "\(worker.model)/code"
    let words = try await worker.ask().text.split(separator: "\n").map {
      String($0.drop { $0 == " " }).trimmed(",")
    }
    #expect(
      words == [
        "[", "\"\(worker.model)\"", "true", "true", "\"inference\"", "[", "\"\(code)/inference.py\"", "]",
        "\"\(code)\"", "\"\(code)\"", "\"\(code)/helper.py\"", "false", "]",
      ])
  }

  @Test func `a program may lie in a package and leave out its ending`() async throws {
    let worker = try await ServingWorker("", files: ["pkg/serve.py": Self.repeater], program: "pkg/serve").ready()
    #expect(try await worker.ask().text == "x")
  }

  @Test func `the model is loaded once, with what goes before and after`() async throws {
    let worker = try await ServingWorker(
      """
      calls = []
      def pre_model_fn(model_dir): calls.append('pre')
      def model_fn(model_dir, context): calls.append('model'); return context.system_properties['gpu_id']
      def model_warmup_fn(model_dir, model): calls.append('warm %s' % model)
      def transform_fn(model, body, content_type, accept): calls.append('ask'); return ','.join(calls)
      """, environment: ["SM_NUM_GPUS": "2"]
    ).ready()
    _ = try await worker.ask()
    #expect(try await worker.ask().text == "pre,model,warm 0,ask,ask")
  }

  @Test func `transform_fn may do without a model_fn`() async throws {
    let worker = try await ServingWorker(
      "def transform_fn(model, body, content_type, accept): return str(model)\n"
    ).ready()
    #expect(try await worker.ask().text == "None")
  }

  @Test func `a function of any arguments gets the plain ones`() async throws {
    let worker = try await ServingWorker(
      Self.loader + "def transform_fn(*arguments, **named): return repr(arguments)\n"
    ).ready()
    #expect(try await worker.ask().text == "(7, b'x', None, 'application/json')")
  }

  @Test func `the environment says what is accepted when the client does not`() async throws {
    let worker = try await ServingWorker(
      Self.repeater, environment: ["SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/plain"]
    ).ready()
    #expect(try await worker.ask().headers["content-type"] == "text/plain")
    #expect(try await worker.ask(headers: ["Accept": "*/*"]).headers["content-type"] == "text/plain")
    #expect(try await worker.ask(headers: ["accept": "a/b"]).headers["content-type"] == "a/b")
  }

  @Test func `an exception shows the user's lines and none of ours`() async throws {
    let worker = try await ServingWorker(
      Self.loader + "def transform_fn(model, body, content_type, accept):\n    return 1 / 0\n"
    ).ready()
    let answer = try await worker.ask()
    #expect(answer.status == 500)
    #expect(
      answer.text
        == """
        division by zero
        Traceback (most recent call last):
          File "\(worker.model)/code/inference.py", line 4, in transform_fn
            return 1 / 0
                   ~~^~~
        ZeroDivisionError: division by zero

        """.replacing(Self.markersAreShown(answer.text) ? "" : "           ~~^~~\n", with: ""))
    #expect(worker.process.errors.contains("ZeroDivisionError: division by zero"))
    #expect(try await worker.ask("/ping").status == 200)
  }

  /// Python 3.11 and later point at the place.
  private static func markersAreShown(_ text: String) -> Bool { text.contains("~~^~~") }

  @Test func `what a script logs goes to its output`() async throws {
    let worker = try await ServingWorker(
      "import logging\ndef model_fn(model_dir): logging.getLogger(__name__).info('the model has 3 layers')\n"
    ).ready()
    #expect(worker.process.output.contains("the model has 3 layers\n"))
  }

  @Test func `headers that would break HTTP are left out or mended`() async throws {
    let worker = try await ServingWorker(
      Self.loader + """
        def transform_fn(model, body, content_type, accept, context):
            for name, value in (('X-Two', 'a\\r\\nX-Evil: b'), ('Content-Length', '9'), ('a b', 'c'), ('X-Int', 5)):
                context.set_response_header(0, name, value)
            context.set_response_status(250, 'a\\r\\nX-Evil: c')
            return body
        """
    ).ready()
    let answer = try await worker.ask()
    #expect(answer.status == 250)
    #expect(answer.reason == "a X-Evil: c")
    #expect(
      answer.headers == [
        "x-two": "a  X-Evil: b", "x-int": "5", "content-length": "1", "content-type": "application/json",
      ])
  }

  struct Start: Sendable {
    var script: String
    var words: String
  }

  @Test(arguments: [
    Start(script: "def predict_fn(data, model): pass\n", words: "it defines predict_fn but no model_fn"),
    Start(script: "x = 1\n", words: "it defines none of the functions but no model_fn"),
    Start(
      script: repeater + "def predict_fn(data, model): pass\n",
      words: "Cannot use transform_fn implementation in conjunction with input_fn, predict_fn, and/or output_fn"),
    Start(
      script: "def model_fn(): pass\n", words: "model_fn takes 0 arguments, but 1 or, with the context, 2 are given."),
    Start(
      script: loader + "def input_fn(a): pass\n",
      words: "input_fn takes 1 arguments, but 2 or, with the context, 3 are given."),
    Start(
      script: "import no_such_thing\n",
      words: "import of inference.py failed: ModuleNotFoundError: No module named 'no_such_thing'"),
    Start(script: "def model_fn(:\n", words: "import of inference.py failed: SyntaxError: "),
    Start(script: "import sys\nsys.exit(3)\n", words: "import of inference.py failed: SystemExit: 3"),
    Start(
      script: "def model_fn(model_dir): raise ValueError('no\\nweights')\n",
      words: "model_fn failed: ValueError: no weights"),
    Start(
      script: "import os\ndef model_fn(model_dir): return open(os.path.join(model_dir, 'none'))\n",
      words: "model_fn failed: FileNotFoundError: [Errno 2] No such file or directory"),
    Start(script: "", words: "has no inference.py; there is: other.txt"),
  ])
  func `a script that cannot serve ends with 1 and says why last`(_ start: Start) async throws {
    let worker = try ServingWorker(start.script, files: ["other.txt": "x"])
    #expect(try await worker.process.end() == .code(1))
    #expect(worker.lastWords.hasPrefix("htr: "))
    #expect(worker.lastWords.contains(start.words), "\(worker.process.errorText)")
    #expect(!worker.process.errors.contains("serve.py"))
  }

  @Test(arguments: [
    ["--socket", ""], ["--workers", "0"], ["--timeout", "soon"], ["--colour", "red"], ["--workers"],
  ])
  func `a command line that makes no sense ends with 2`(_ words: [String]) async throws {
    let worker = try ServingWorker(Self.repeater, arguments: words)
    #expect(try await worker.process.end() == .code(2))
    #expect(worker.lastWords.hasPrefix("htr: "))
  }
}

extension String {
  fileprivate func trimmed(_ end: String) -> String { hasSuffix(end) ? String(dropLast(end.count)) : self }
}
