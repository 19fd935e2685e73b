"""Serves a user's inference script on a Unix socket, as SageMaker's inference toolkit does.

    python3 -u serve.py --model-dir DIR --code-dir DIR --program inference.py --socket PATH [--workers N] [--timeout S]

GET /ping answers 200 once the model is loaded, POST /invocations runs the script. The model is loaded and asked on the
process's main thread, as frameworks keep settings and handles per thread; other threads speak HTTP, so that pings are
answered meanwhile. One file (hence its length) with no dependencies, as it is embedded in the daemon and started with
the user's own Python, 3.8 or later.
"""

import functools
import importlib
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from queue import SimpleQueue

LARGEST_HEAD = 64 << 10
LARGEST_BODY = 64 << 20
MOST_CONNECTIONS = 256
STALL_SECONDS = 10  # without a single byte
HEAD_SECONDS = 10
BODY_SECONDS = 60
DRAIN_SECONDS = 9  # from SIGTERM to the end
TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
REASONS = {
    200: "OK", 204: "No Content", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 411: "Length Required", 413: "Content Too Large", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
JSON, CSV, NPY, NPZ = "application/json", "text/csv", "application/x-npy", "application/x-npz"


def tell(text, stream=2):
    """Writes at once, as several processes may write. That nobody is there to read it changes nothing."""
    try:
        os.write(stream, text.encode("utf-8", "replace"))
    except OSError:
        pass


def say(message):
    tell("htr: " + message + "\n")


def one_line(text, limit=1000):
    return " ".join(str(text).split())[:limit]


# The script's contract


class UnsupportedFormatError(Exception):
    def __init__(self, content_type):
        indent = "\n" + " " * 12  # as the toolkit has it
        super().__init__(
            ("Content type %s is not supported by this framework.\n" + indent + "Please implement input_fn to to "
             "deserialize the request data or an output_fn to" + indent + "serialize the response. For more "
             "information, see the SageMaker Python SDK README.") % content_type)


@functools.lru_cache(maxsize=None)
def numpy_or_none():
    try:
        return importlib.import_module("numpy")
    except ImportError:
        return None


def decode(body, content_type):
    """What the toolkit's default input_fn makes of a body: arrays, or plain lists where there is no numpy."""
    import io
    import json
    numpy = numpy_or_none() if content_type in (JSON, CSV, NPY, NPZ) else None
    if content_type == JSON:
        value = json.loads(body)
        return numpy.array(value) if numpy else value
    if content_type == CSV:
        if numpy:
            return numpy.genfromtxt(io.StringIO(body), dtype=None, delimiter=",")
        rows = [[float(cell) for cell in line.split(",")] for line in body.splitlines() if line.strip()]
        if all(len(row) == 1 for row in rows):
            return [row[0] for row in rows]
        return rows[0] if len(rows) == 1 else rows
    if content_type == NPY and numpy:
        # The toolkit allows pickles here: whoever may send a request could then run any program.
        return numpy.load(io.BytesIO(body), allow_pickle=False)
    if content_type == NPZ and numpy:
        return importlib.import_module("scipy.sparse").load_npz(io.BytesIO(body))
    raise UnsupportedFormatError(content_type)


def encode(prediction, content_type):
    """The toolkit's default output_fn for one content type; None where it knows no encoding."""
    import io
    import json
    if content_type == JSON:
        def plain(value):
            if hasattr(value, "tolist"):
                return value.tolist()
            raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)
        return json.dumps(prediction, default=plain)
    numpy = numpy_or_none() if content_type in (CSV, NPY) else None
    if content_type == CSV and numpy:
        text = io.StringIO()
        numpy.savetxt(text, prediction, delimiter=",", fmt="%s")
        return text.getvalue()
    if content_type == CSV:
        rows = [row if isinstance(row, (list, tuple)) else [row] for row in prediction]
        return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)
    if content_type == NPY and numpy:
        array = io.BytesIO()
        numpy.save(array, prediction)
        return array.getvalue()
    return None


def default_input_fn(input_data, content_type):
    return decode(input_data, content_type)


def default_predict_fn(data, model):
    raise NotImplementedError(
        "\nPlease provide a predict_fn implementation.\n"
        "See documentation for predict_fn at https://sagemaker.readthedocs.io/en/stable/\n")


def default_output_fn(prediction, accept):
    for content_type in accept.replace(" ", "").split(","):
        encoded = encode(prediction, content_type)
        if encoded is not None:
            return encoded, content_type
    raise UnsupportedFormatError(accept)


class RequestProcessor:
    """One request as the context shows it, and what the script says about its answer."""

    def __init__(self, headers, lower):
        self.headers = headers
        self.lower = lower
        self.status, self.phrase, self.response = 200, None, {}

    def get_request_property(self, key):
        return self.lower.get(str(key).lower())

    def get_request_properties(self):
        return self.headers

    def report_status(self, code, reason_phrase=None):
        self.status, self.phrase = code, reason_phrase

    def get_response_status_code(self):
        return self.status

    def get_response_status_phrase(self):
        return self.phrase

    def add_response_property(self, key, value):
        self.response[key] = value

    def get_response_headers(self):
        return self.response

    def get_response_header(self, key):
        return self.response.get(key)


class Context:
    """The `context` argument: the same calls as the context of the toolkit's model server."""

    def __init__(self, model_dir, gpu):
        self.model_name = "model"
        self.manifest = {}
        self.metrics = None
        self.request_ids = None
        self.request_processor = None
        self.system_properties = {
            "model_dir": model_dir, "gpu_id": gpu, "batch_size": 1, "server_name": "htr", "server_version": "1"}

    def get_request_id(self, idx=0):
        return None if self.request_ids is None else self.request_ids.get(idx)

    def get_request_header(self, idx, key):
        return self.request_processor[idx].get_request_property(key)

    def get_all_request_header(self, idx):
        return self.request_processor[idx].get_request_properties()

    def get_response_status(self, idx):
        return self.request_processor[idx].status, self.request_processor[idx].phrase

    def set_response_status(self, code=200, phrase="", idx=0):
        if self.request_processor is not None and self.request_processor[idx] is not None:
            self.request_processor[idx].report_status(code, reason_phrase=phrase)

    def set_all_response_status(self, code=200, phrase=""):
        for request in self.request_processor:
            request.report_status(code, reason_phrase=phrase)

    def get_response_headers(self, idx):
        return self.request_processor[idx].response

    def set_response_header(self, idx, key, value):
        self.request_processor[idx].add_response_property(key, value)

    def get_response_content_type(self, idx):
        return self.get_response_headers(idx).get("content-type")

    def set_response_content_type(self, idx, value):
        self.set_response_header(idx, "content-type", value)


class ScriptProblem(Exception):
    """The script does not fit the contract."""


class OutputProblem(TypeError):
    """Nothing that can be sent; with the status that the toolkit's model server gives it."""

    status_code = 503


def message_of(error):
    try:
        return str(error)
    except Exception:  # An exception of the user's may be broken itself.
        return ""


def own_steps_removed(error):
    """The text of an exception from the user's first line on; nothing before it is theirs."""
    import traceback
    step = error.__traceback__
    ours = (__file__, importlib.__file__)
    while step is not None and (
            step.tb_frame.f_code.co_filename in ours or "<frozen importlib" in step.tb_frame.f_code.co_filename):
        step = step.tb_next
    return "".join(traceback.format_exception(type(error), error, step))


class Script:
    """The user's script: loaded once, then asked one request at a time."""

    def __init__(self, options, worker):
        gpus = int(os.environ.get("SM_NUM_GPUS") or 0)
        self.program, self.code_dir, self.model_dir = options.program, options.code_dir, options.model_dir
        self.context = Context(self.model_dir, worker % gpus if gpus else None)
        self.default_accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or JSON
        self.requests = 0

    def load(self):
        """Imports the script and runs its model_fn. False, once all is said on stderr, when it cannot."""
        step = "import of " + self.program
        try:
            module = self.module()
            step = "script " + self.program
            functions = self.functions(module)
            step = "model_fn"
            self.model = self.loaded_model(functions)
            return True
        except BaseException as error:  # sys.exit in a script is a failure as well
            if not isinstance(error, ScriptProblem):
                tell(own_steps_removed(error))
            say("%s failed: %s: %s" % (step, type(error).__name__, one_line(message_of(error))))
            return False

    def module(self):
        import logging
        # As in the toolkit's model server: what a script logs from INFO on goes to its output.
        level = os.environ.get("SAGEMAKER_CONTAINER_LOG_LEVEL", "")
        logging.basicConfig(
            stream=sys.stdout, format="%(message)s", level=int(level) if level.isdigit() else logging.INFO)
        path = os.path.join(self.code_dir, self.program)
        name = self.program[:-3] if self.program.endswith(".py") else self.program
        if not os.path.isfile(path if self.program.endswith(".py") else path + ".py") and not os.path.isdir(path):
            there = sorted(os.listdir(self.code_dir)) if os.path.isdir(self.code_dir) else []
            raise ScriptProblem("%s has no %s; there is: %s" % (
                self.code_dir, self.program, ", ".join(there[:20]) or "nothing"))
        os.chdir(self.code_dir)
        sys.argv[:] = [path]
        if sys.path and os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(__file__)):
            del sys.path[0]  # Python puts it there; our file is none of the script's business.
        sys.path.insert(0, self.code_dir)
        return importlib.import_module(name.replace("/", "."))

    def functions(self, module):
        names = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn", "pre_model_fn", "model_warmup_fn")
        own = {name: getattr(module, name) for name in names if getattr(module, name, None) is not None}
        if "transform_fn" in own and not own.keys().isdisjoint(("input_fn", "predict_fn", "output_fn")):
            raise ValueError(
                "Cannot use transform_fn implementation in conjunction with input_fn, predict_fn, and/or output_fn "
                "implementation")
        if "model_fn" not in own and "transform_fn" not in own:
            raise ScriptProblem(
                "it defines %s but no model_fn (and no transform_fn that could do without one). Define "
                "model_fn(model_dir), which answers the model." % (", ".join(sorted(own)) or "none of the functions"))
        if "transform_fn" in own:
            self.transform = self.bound(own["transform_fn"], 4)
        else:
            self.input = self.bound(own.get("input_fn", default_input_fn), 2)
            self.predict = self.bound(own.get("predict_fn", default_predict_fn), 2)
            self.output = self.bound(own.get("output_fn", default_output_fn), 2)
            self.transform = self.three_steps
            if "input_fn" not in own:
                numpy_or_none()  # now rather than in the first request
        return own

    def loaded_model(self, own):
        if "pre_model_fn" in own:
            self.bound(own["pre_model_fn"], 1)(self.model_dir)
        model = self.bound(own["model_fn"], 1)(self.model_dir) if "model_fn" in own else None
        if "model_warmup_fn" in own:
            self.bound(own["model_warmup_fn"], 2)(self.model_dir, model)
        return model

    def bound(self, function, count):
        """The function, with the context as last argument if it takes one more. Counts as the toolkit counts."""
        from inspect import Parameter, signature
        kinds = [parameter.kind for parameter in signature(function).parameters.values()]
        parameters = len(kinds)
        if parameters == count:
            return function
        if parameters == count + 1:
            return lambda *arguments: function(*arguments, self.context)
        if Parameter.VAR_POSITIONAL in kinds:
            return function  # The toolkit refuses such ones in each request.
        raise ScriptProblem("%s takes %d arguments, but %d or, with the context, %d are given." % (
            getattr(function, "__name__", function), parameters, count, count + 1))

    def three_steps(self, model, body, content_type, accept):
        return self.output(self.predict(self.input(body, content_type), model), accept)

    def answer(self, request):
        """Runs the script for one request: (status, phrase, headers, body, whether the script wants to end)."""
        self.requests += 1
        processor = RequestProcessor(request.headers, request.lower)
        self.context.request_processor = [processor]
        self.context.request_ids = {0: "%d-%d" % (os.getpid(), self.requests)}
        try:
            content_type = request.lower.get("content-type")
            accept = request.lower.get("accept")
            if not accept or accept == "*/*":
                accept = self.default_accept
            body = request.body.decode("utf-8") if content_type in (JSON, CSV) else request.body
            result = self.transform(self.model, body, content_type, accept)
            result_type = accept
            if isinstance(result, tuple):
                result, result_type = result[0], result[1]
            self.context.set_response_content_type(0, result_type)
            return processor.status, processor.phrase, processor.response, self.sendable(result), False
        except BaseException as error:
            return self.failure(error, processor)

    @staticmethod
    def sendable(result):
        if isinstance(result, (bytes, bytearray)):
            return result
        if isinstance(result, str):
            return result.encode("utf-8")
        import json
        try:
            return json.dumps(result, indent=2).encode("utf-8")
        except TypeError as error:
            raise OutputProblem(
                "Unsupported model output data type: output_fn (or transform_fn) must answer str, bytes or what JSON "
                "can hold. " + str(error)) from None

    @staticmethod
    def failure(error, processor):
        trace = own_steps_removed(error)
        tell(trace)
        status, message = getattr(error, "status_code", None), getattr(error, "message", None)
        if not isinstance(status, int) or isinstance(status, bool) or not 400 <= status <= 599:
            status = 500
        message = message if isinstance(message, str) else message_of(error)
        phrase = getattr(error, "phrase", None) or message or "Invalid Request"
        body = "%s\n%s" % (message or "Invalid Request", trace)
        headers = dict(processor.response)
        headers["content-type"] = "text/plain; charset=utf-8"
        return status, str(phrase), headers, body.encode("utf-8", "replace"), not isinstance(error, Exception)


# HTTP


class Refusal(Exception):
    """A request that cannot be read; the connection ends with it."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Request:
    __slots__ = ("method", "path", "headers", "lower", "body", "keeps", "started", "done", "answer")

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3 or not words[0] or words[0].strip(TOKEN) or not words[1].startswith("/"):
            raise Refusal(400, "The request line is none: " + one_line(lines[0], 100))
        if words[2] not in ("HTTP/1.1", "HTTP/1.0"):
            raise Refusal(505, "Speak HTTP/1.1.")
        self.method, self.path = words[0], words[1].partition("?")[0]
        self.headers, self.lower = {}, {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name.strip(TOKEN) or "\r" in value or "\n" in value or "\0" in value:
                raise Refusal(400, "A header line is none: " + one_line(line, 100))
            value, key = value.strip(" \t"), name.lower()
            if key in self.lower:
                if key in ("content-length", "transfer-encoding"):
                    raise Refusal(400, "There is more than one " + name + ".")
                value = self.lower[key] + ", " + value
            self.headers[name] = self.lower[key] = value
        asked = self.lower.get("connection", "").lower()
        self.keeps = "close" not in asked if words[2] == "HTTP/1.1" else "keep-alive" in asked
        self.started = None


class Connection:
    """One client: reads its requests one after the other and writes the answers."""

    def __init__(self, server, client):
        self.server, self.client = server, client
        self.buffer = bytearray()
        self.done = threading.Lock()
        self.done.acquire()
        # Times of the kernel's own: Python's would cost a further system call for each read.
        stall = struct.pack("ll", STALL_SECONDS, 0)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, stall)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, stall)

    def run(self):
        poll = select.poll()
        poll.register(self.client.fileno(), select.POLLIN)
        if not self.server.is_front:
            poll.register(self.server.drain_read, select.POLLIN)
        try:
            while self.buffer or self.has_news(poll):
                request = self.read_request()
                if request is None or not self.server.respond(self, request):
                    break
        except Refusal as refusal:
            self.refuse(refusal)
        except OSError:
            pass  # The client is gone, or takes no answer.
        finally:
            self.client.close()
            self.server.forget(self)

    def has_news(self, poll):
        """Waits for a request. False when the server ends and there is none."""
        return any(number == self.client.fileno() for number, _ in poll.poll())

    def send(self, status, headers, body, keeps, phrase=None):
        lines = ["HTTP/1.1 %d %s" % (status, phrase or REASONS.get(status, "Unknown"))]
        lines += ["%s: %s" % pair for pair in headers]
        if status not in (204, 304):
            lines.append("Content-Length: %d" % len(body))
        else:
            body = b""
        if not keeps:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        if len(body) < 1 << 16:
            self.client.sendall(head + body)
        else:
            self.client.sendall(head)
            self.client.sendall(body)

    def refuse(self, refusal):
        """Answers, then takes for a moment what is still on its way, as a client that writes does not read."""
        try:
            text = (str(refusal) + "\n").encode("utf-8", "replace")
            self.send(refusal.status, [("Content-Type", "text/plain; charset=utf-8")], text, False)
            self.client.shutdown(socket.SHUT_WR)
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 1, 0))
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline and self.client.recv(1 << 16):
                pass
        except OSError:
            pass  # The client is gone.

    def read_request(self):
        """The next request, whole; None when the client has ended in good order."""
        deadline = time.monotonic() + HEAD_SECONDS
        seen = 0
        while True:
            while seen == 0 and self.buffer.startswith(b"\r\n"):
                del self.buffer[:2]
            end = self.buffer.find(b"\r\n\r\n", seen)
            if end > LARGEST_HEAD or end < 0 and len(self.buffer) > LARGEST_HEAD:
                raise Refusal(431, "The head of a request may have %d bytes." % LARGEST_HEAD)
            if end >= 0:
                break
            seen = max(0, len(self.buffer) - 3)
            if not self.fill(deadline):
                if self.buffer:
                    raise Refusal(400, "The connection ended in the head of a request.")
                return None
        request = Request(bytes(self.buffer[:end]))
        del self.buffer[:end + 4]
        request.body = self.read_body(request)
        return request

    def read_body(self, request):
        deadline = time.monotonic() + BODY_SECONDS
        length, coding = request.lower.get("content-length"), request.lower.get("transfer-encoding")
        if length is None and coding is None:
            if request.method in ("POST", "PUT", "PATCH"):
                raise Refusal(411, "Say how long the body is.")
            return b""
        if length is not None and coding is not None:
            raise Refusal(400, "A request has a Content-Length or a Transfer-Encoding, not both.")
        if length is not None and not (length.isascii() and length.isdigit() and len(length) <= 18):
            raise Refusal(400, "Content-Length is no number: " + one_line(length, 30))
        if coding is not None and coding.lower() != "chunked":
            raise Refusal(501, "Of transfer encodings only chunked is known.")
        self.check_size(int(length or 0))
        if request.lower.get("expect", "").lower() == "100-continue" and not self.buffer:
            self.client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self.read_chunks(deadline) if coding else bytes(self.take(int(length), deadline))

    def read_chunks(self, deadline):
        body = bytearray()
        while True:
            size = bytes(self.line(deadline)).partition(b";")[0].strip()
            if not 0 < len(size) <= 8 or size.strip(b"0123456789abcdefABCDEF"):
                raise Refusal(400, "The size of a chunk is no number.")
            count = int(size, 16)
            if count == 0:
                break
            self.check_size(len(body) + count)
            body += self.take(count, deadline)
            if self.line(deadline):
                raise Refusal(400, "A chunk is longer than it says.")
        for _ in range(100):
            if not self.line(deadline):
                return bytes(body)
        raise Refusal(431, "There are too many trailers.")

    @staticmethod
    def check_size(count):
        if count > LARGEST_BODY:
            raise Refusal(413, "A body may have %d bytes." % LARGEST_BODY)

    def line(self, deadline):
        while True:
            end = self.buffer.find(b"\r\n")
            if end >= 0:
                return self.take(end + 2, deadline)[:-2]
            if len(self.buffer) > 4096:
                raise Refusal(400, "A line of a chunked body is too long.")
            self.need(deadline)

    def take(self, count, deadline):
        if len(self.buffer) > count:
            part = self.buffer[:count]
            del self.buffer[:count]
            return part
        while len(self.buffer) < count:
            self.need(deadline, count - len(self.buffer))
        part, self.buffer = self.buffer, bytearray()
        return part

    def need(self, deadline, count=1 << 16):
        if not self.fill(deadline, count):
            raise Refusal(400, "The connection ended in the body of a request.")

    def fill(self, deadline, count=1 << 16):
        """Reads what there is, at most `count` bytes; False at the end of the stream."""
        try:
            part = self.client.recv(min(count, 1 << 18))
        except BlockingIOError:
            raise Refusal(408, "No byte of the request came for %d s." % STALL_SECONDS) from None
        if time.monotonic() > deadline:
            raise Refusal(408, "The request takes too long to come.")
        self.buffer += part
        return bool(part)


class Server:
    """What answers on the socket in one process. Runs on threads of its own; `jobs` is for the main thread."""

    def __init__(self, listener, timeout, is_shared=False, is_front=False):
        self.listener, self.timeout = listener, timeout
        self.is_shared = is_shared  # Other processes take connections of the same socket.
        self.is_front = is_front  # It only says that others are not ready yet; each connection gets that answer.
        self.jobs = SimpleQueue()
        self.is_ready = self.is_busy = self.is_draining = False
        self.code = 0
        self.drain_read, self.drain_write = os.pipe()
        self.connections = set()
        self.changed = threading.Condition()

    def start(self, wake):
        """`wake` is a pipe's end: signals come through it, and its end says that the parent is no more."""
        threading.Thread(target=self.accept, args=(wake,), daemon=True).start()

    def accept(self, wake):
        poll = select.poll()
        for number in (self.listener.fileno(), self.drain_read, *wake):
            poll.register(number, select.POLLIN)
        while True:
            for number, _ in poll.poll():
                if number == self.drain_read:
                    return
                if number in wake:
                    return self.drain(wake_code(os.read(number, 64)))
            if len(self.connections) >= MOST_CONNECTIONS:
                time.sleep(0.01)  # The others wait in the kernel's line.
                continue
            if self.is_shared and (self.is_busy or self.connections):
                time.sleep(0.005 if self.is_busy else 0.001)  # A process that has less to do shall take it.
            try:
                self.begin(self.listener.accept()[0])
            except BlockingIOError:
                pass  # Another process took it, or the client is gone again.
            except (OSError, RuntimeError) as error:
                if self.is_draining:
                    return
                say("cannot take a connection: " + one_line(error))  # No descriptors or threads are left.
                time.sleep(0.1)

    def begin(self, client):
        client.setblocking(True)
        connection = Connection(self, client)
        with self.changed:
            self.connections.add(connection)
        try:
            threading.Thread(target=connection.run, daemon=True).start()
        except RuntimeError:
            client.close()
            self.forget(connection)
            raise

    def forget(self, connection):
        with self.changed:
            self.connections.discard(connection)
            self.changed.notify_all()

    def drain(self, code):
        """Takes no more connections, ends idle ones, and lets the main thread go when nothing is in hand."""
        deadline = time.monotonic() + DRAIN_SECONDS
        if not self.is_ready:
            os._exit(code)  # The main thread may be deep in model_fn; nobody has a request in hand.
        self.code = code
        self.stop()
        with self.changed:
            self.changed.wait_for(lambda: not self.connections, DRAIN_SECONDS)
        if self.connections:
            say("a request was still in hand after %d s and is given up" % DRAIN_SECONDS)
            os._exit(code)
        self.jobs.put(None)
        time.sleep(max(1, deadline - time.monotonic()))  # Threads of the script's own may keep the process.
        os._exit(code)

    def stop(self):
        self.is_draining = True
        self.listener.close()
        os.close(self.drain_write)

    def respond(self, connection, request):
        """Answers a request; whether the connection goes on."""
        # A request that waits here while another process may be idle: its client shall connect anew, to that one.
        waits = self.is_shared and self.is_busy and request.path == "/invocations"
        status, headers, body, phrase = self.answer(connection, request)
        keeps = request.keeps and self.is_ready and not self.is_draining and not waits
        connection.send(status, headers, body, keeps, phrase)
        return keeps

    def answer(self, connection, request):
        text = [("Content-Type", "text/plain; charset=utf-8")]
        if request.path == "/ping":
            if request.method != "GET":
                return 405, [("Allow", "GET")], b"", None
            state = b'{"status": "Healthy"}\n' if self.is_ready else b'{"status": "Loading"}\n'
            return 200 if self.is_ready else 503, [("Content-Type", JSON)], state, None
        if request.path != "/invocations":
            return 404, text, b"There are /ping and /invocations.\n", None
        if request.method != "POST":
            return 405, [("Allow", "POST")], b"", None
        if not self.is_ready:
            return 503, text, b"The model is still loading.\n", None
        request.done = connection.done
        self.jobs.put(request)
        self.wait(connection, request)
        status, phrase, own, body, _ = request.answer
        return self.checked(status, phrase, own, body)

    def wait(self, connection, request):
        """Until the script has answered. A prediction that hangs cannot be stopped from within: the process ends."""
        left = self.timeout
        while not request.done.acquire(timeout=left):
            started = request.started  # None: others are before it
            left = self.timeout if started is None else started + self.timeout - time.monotonic()
            if left <= 0:
                import traceback
                frame = sys._current_frames().get(threading.main_thread().ident)
                tell("".join(traceback.format_stack(frame)))
                say("the prediction above took longer than %d s; the process ends" % self.timeout)
                text = b"The prediction took longer than %d s.\n" % self.timeout
                connection.send(500, [("Content-Type", "text/plain; charset=utf-8")], text, False)
                os._exit(1)

    @staticmethod
    def checked(status, phrase, own, body):
        """What a script says about its answer, as far as it can be said in HTTP."""
        headers = {}
        for name, value in own.items():
            name = str(name)
            if value is not None and name and not name.strip(TOKEN) and name.lower() not in (
                    "content-length", "transfer-encoding", "connection"):
                value = str(value).replace("\r", " ").replace("\n", " ")[:8192]
                headers[name.lower()] = ("Content-Type" if name.lower() == "content-type" else name, value)
        if not isinstance(status, int) or not 200 <= status <= 599:
            status = 500
        phrase = one_line("".join(c if " " <= c <= "~" else " " for c in phrase), 200) if phrase else None
        return status, headers.values(), body, phrase


# Processes


def wake_code(signals):
    """The process's end as the bytes of the wake pipe say it: 0 for a signal that asks for it, else 1."""
    return 0 if signals and signals[0] else 1


def signal_pipe(signals):
    """A pipe's two ends; each of the signals writes its number to it, whatever the main thread is busy with."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    for number in signals:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read, write


def serve(options, listener, worker=0, parent=None, on_ready=None):
    """One process that holds a model. Answers the exit code."""
    wake, wake_write = signal_pipe((signal.SIGTERM, signal.SIGINT))
    server = Server(listener, options.timeout, is_shared=parent is not None)
    ends = (wake,) if parent is None else (wake, parent)
    if parent is None:
        server.start(ends)
    else:
        threading.Thread(target=watch_while_loading, args=(ends, server), daemon=True).start()
    script = Script(options, worker)
    begin = time.monotonic()
    if not script.load():
        return 1
    if on_ready is None:
        server.is_ready = True
        tell("htr: ready, the model took %.2f s to load\n" % (time.monotonic() - begin), stream=1)
    else:
        on_ready()
        server.is_ready = True
        server.start(ends)
    while True:
        request = server.jobs.get()
        if request is None:
            return server.code
        server.is_busy = True
        request.started = time.monotonic()
        request.answer = script.answer(request)
        server.is_busy = False
        request.done.release()
        if request.answer[4]:
            say("the script asked to end")
            os.write(wake_write, b"\0")


def watch_while_loading(ends, server):
    """Ends a process whose parent does, or asks it to, before it has a server."""
    poll = select.poll()
    for number in ends:
        poll.register(number, select.POLLIN)
    while not server.is_ready:
        for number, _ in poll.poll(200):
            if not server.is_ready:
                os._exit(wake_code(os.read(number, 64)))


class Parent:
    """Starts several processes that share the socket, and ends with the first of them.

    Until all are ready it alone answers on the socket, so that /ping does not change its mind.
    """

    def __init__(self, options, listener):
        self.options, self.listener = options, listener
        self.children, self.ready, self.code, self.deadline = set(), 0, None, None

    def run(self):
        alive_read, self.alive_write = os.pipe()
        ready_read, ready_write = os.pipe()
        go_read, go_write = os.pipe()
        for worker in range(self.options.workers):
            child = os.fork()
            if child == 0:
                os.close(self.alive_write)
                os.close(go_write)

                def on_ready():
                    os.write(ready_write, b"1")
                    os.read(go_read, 1)
                sys.exit(serve(self.options, self.listener, worker, alive_read, on_ready))
            self.children.add(child)
        wake, _ = signal_pipe((signal.SIGTERM, signal.SIGINT, signal.SIGCHLD))
        front = Server(self.listener.dup(), self.options.timeout, is_front=True)
        front.listener.setblocking(False)
        front.start(())
        self.reap()  # One may have ended before there was a pipe to say so.
        poll = select.poll()
        poll.register(wake, select.POLLIN)
        poll.register(ready_read, select.POLLIN)
        while self.children:
            for number, _ in poll.poll(None if self.deadline is None else 100):
                if number == wake:
                    self.signalled(os.read(wake, 64))
                else:
                    self.ready += len(os.read(ready_read, 64))
                    if self.ready == self.options.workers:
                        front.stop()
                        self.listener.close()
                        os.close(go_write)
                        tell("htr: ready, %d processes\n" % self.ready, stream=1)
            if self.deadline is not None and time.monotonic() > self.deadline:
                self.signal_children(signal.SIGKILL)
        return self.code

    def signalled(self, numbers):
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self.stop(0)
        self.reap()

    def reap(self):
        while self.children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            if child not in self.children:
                continue
            self.children.discard(child)
            if self.code is None:
                self.report(child, status)
                self.stop(1)

    def report(self, child, status):
        if os.WIFSIGNALED(status):
            say("process %d ended by signal %d" % (child, os.WTERMSIG(status)))
        elif self.ready == self.options.workers or os.WEXITSTATUS(status) != 1:
            say("process %d ended with exit code %d" % (child, os.WEXITSTATUS(status)))
        # Otherwise it has said itself why it could not load the model, and that shall be the last word.

    def stop(self, code):
        if self.code is None:
            self.code, self.deadline = code, time.monotonic() + DRAIN_SECONDS + 0.5
            self.signal_children(signal.SIGTERM)

    def signal_children(self, number):
        for child in self.children:
            os.kill(child, number)  # Not reaped yet, so the number is still its own.


class Options:
    """The command line. Read by hand, as argparse alone takes as long to load as all else here."""

    def __init__(self, words):
        given = dict(zip(words[::2], words[1::2]))
        known = ("--model-dir", "--code-dir", "--program", "--socket", "--workers", "--timeout")
        missing = [name for name in known[:4] if not given.get(name)]
        wrong = [name for name in words[::2] if name not in known]
        if missing or wrong or len(words) % 2:
            say("usage: serve.py " + " ".join(name + " VALUE" for name in known) + " (the last two may be left out)")
            sys.exit(2)
        self.model_dir, self.code_dir = (os.path.abspath(given[name]) for name in known[:2])
        self.program, self.socket = given["--program"], os.path.abspath(given["--socket"])
        environment = os.environ.get
        self.workers = self.number(
            "--workers", given.get("--workers") or environment("SAGEMAKER_MODEL_SERVER_WORKERS") or "1", 1, 64)
        self.timeout = self.number(
            "--timeout", given.get("--timeout") or environment("SAGEMAKER_MODEL_SERVER_TIMEOUT") or "60", 1, 86400)

    @staticmethod
    def number(name, text, least, most):
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            say("%s must be a whole number from %d to %d, not %s" % (name, least, most, one_line(text, 50)))
            sys.exit(2)
        return int(text)


def listen(path):
    """A listening socket that only this user can reach. What an earlier process left at the path goes."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        if os.path.lexists(path):
            os.unlink(path)
        listener.bind(path)
    except OSError as error:
        say("cannot serve on %s: %s" % (path, error))
        sys.exit(2)
    finally:
        os.umask(mask)
    listener.listen(128)
    listener.setblocking(False)
    return listener


def main():
    options = Options(sys.argv[1:])
    listener = listen(options.socket)
    if options.workers == 1:
        sys.exit(serve(options, listener))
    sys.exit(Parent(options, listener).run())


if __name__ == "__main__":
    main()
