"""A client of the daemon's Unix socket that costs as little as Python can: one kept connection, no library."""

import json
import socket


class Refused(Exception):
    """The daemon answered with an error."""

    def __init__(self, status, body):
        self.status = status
        try:
            content = json.loads(body)
            self.code, message = content.get("__type", ""), content.get("message", "")
        except ValueError:
            self.code, message = "", body[:200]
        super().__init__(f"{status} {self.code}: {message}")


class Gone(ConnectionError):
    """The daemon closed the connection before it had answered."""


def action_bytes(action, body):
    """A SageMaker request as it goes over the wire."""
    return (
        f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: SageMaker.{action}\r\n"
        f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


class Door:
    """One connection. After a `ConnectionError` the next request opens a new one."""

    def __init__(self, path, timeout=60):
        self.path, self.timeout = str(path), timeout
        self.socket, self.rest = None, b""

    def open(self):
        if self.socket is None:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(self.timeout)
            self.rest = b""
            try:
                self.socket.connect(self.path)
            except OSError:
                self.close()
                raise

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def exchange(self, request):
        """Sends ready bytes and answers (status, body)."""
        self.open()
        try:
            self.socket.sendall(request)
            return self.answer()
        except OSError:
            self.close()
            raise

    def action(self, action, body=None):
        """Performs a SageMaker action; the answer as JSON, or `Refused`."""
        return self.checked(action_bytes(action, json.dumps(body or {}).encode()))

    def get(self, path):
        return self.checked(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def post(self, path, body):
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n"
        return self.checked(head.encode() + content)

    def checked(self, request):
        status, body = self.exchange(request)
        if status >= 300:
            raise Refused(status, body)
        return json.loads(body) if body else {}

    def answer(self):
        head = self.until(b"\r\n\r\n").decode("latin-1").lower().split("\r\n")
        status, fields = int(head[0].split(" ")[1]), dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        if fields.get("transfer-encoding") == "chunked":
            return status, b"".join(self.chunks())
        return status, self.exactly(int(fields.get("content-length", 0)))

    def chunks(self):
        while size := int(self.until(b"\r\n"), 16):
            yield self.exactly(size)
            self.exactly(2)
        self.until(b"\r\n")

    def until(self, mark):
        while (end := self.rest.find(mark)) < 0:
            self.more()
        part, self.rest = self.rest[:end], self.rest[end + len(mark):]
        return part

    def exactly(self, count):
        while len(self.rest) < count:
            self.more()
        part, self.rest = self.rest[:count], self.rest[count:]
        return part

    def more(self):
        received = self.socket.recv(1 << 16)
        if not received:
            raise Gone("the daemon closed the connection")
        self.rest += received
