"""A job of the soak. It keeps books beside the daemon: what it began, printed, left running and ended.

worker.py KIND FOLDER LINES: every book is written after the fact with one system call, so that a kill can only leave
the last fact out.
"""

import os
import signal
import sys
import time

ENDINGS = {"quick": 0, "chatty": 0, "family": 0, "failing": 3, "lasting": 0}
LONG = 6000


def line(token, number):
    """What a worker prints as its line of that number: most are short, some longer than a pipe takes at once."""
    length = LONG if number % 50 == 49 else number * 7919 % 200
    return f"{token} {number:06d} {'.' * length}\n".encode()


def own_start_time(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


class Books:
    def __init__(self, folder, token):
        self.token = token
        self.job, self.attempt = token.split("/")[:2]
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.facts = os.open(f"{folder}/{self.job}.facts", append, 0o600)
        self.printed = os.open(f"{folder}/{self.job}.{self.attempt}.printed", os.O_WRONLY | os.O_CREAT, 0o600)
        self.lines, self.total = 0, 0

    def note(self, fact, *details):
        os.write(self.facts, " ".join(map(str, (fact, self.token, *details))).encode() + b"\n")

    def print(self, count, pause):
        for _ in range(count):
            self.total += os.write(1, line(self.token, self.lines))
            self.lines += 1
            os.pwrite(self.printed, f"{self.total:012d}".encode(), 0)
            if pause:
                time.sleep(pause)

    def leave_descendants(self):
        """Two grandchildren that have daemonised; one of them does not listen to TERM."""
        for is_deaf in (False, True):
            child = os.fork()
            if child:
                os.waitpid(child, 0)
                continue
            os.setsid()
            if os.fork():
                os._exit(0)
            self.note("left", os.getpid(), own_start_time(os.getpid()))
            if is_deaf:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
            os._exit(0)


def main():
    kind, folder, lines = sys.argv[1], sys.argv[2], int(sys.argv[3])
    books = Books(folder, os.environ["HTR_ATTEMPT"])
    books.note("began", os.getpid(), own_start_time(os.getpid()))
    with open(os.path.join(os.environ["SAGEMAKER_BASE_DIR"], "model", "weights"), "w") as file:
        file.write(books.token)
    if kind == "family":
        books.leave_descendants()
    books.print(lines, 0.001)
    while kind == "lasting":
        books.print(1, 0.02)
    books.note("ended", ENDINGS[kind])
    os._exit(ENDINGS[kind])


if __name__ == "__main__":
    main()
