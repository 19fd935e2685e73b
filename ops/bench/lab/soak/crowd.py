"""Processes that are none of the daemon's business, and remember whoever signals them."""

import os
import signal
import time

from .. import processes


class Crowd:
    """Bystanders: they note every signal in a file; a killed or stopped one is noticed by us, its parent."""

    RECENT = "/proc/sys/kernel/ns_last_pid"

    def __init__(self, record, count):
        self.record, self.members, self.faults, self.recycled = record, [], [], 0
        record.touch()
        self.recycles = os.access(self.RECENT, os.W_OK)
        for _ in range(count):
            self.add()

    def add(self):
        pid = os.fork()
        if pid == 0:
            self.stand_by()
        self.members.append(pid)
        return pid

    def stand_by(self):
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            os.setsid()
            os.closerange(0, 512)
            number = os.open(self.record, os.O_WRONLY | os.O_APPEND)
            parent = os.getppid()
            # Wakes up to look whether the soak is still there; a soak that was killed leaves nobody behind.
            while os.getppid() == parent:
                if caught := signal.sigtimedwait(signal.valid_signals(), 1):
                    text = f"bystander {os.getpid()} got signal {caught.si_signo} from {caught.si_pid}\n"
                    os.write(number, text.encode())
        finally:
            os._exit(0)

    def take_pid(self, pid):
        """Gives the pid of an ended process to a new bystander, where the kernel lets us; True when that worked."""
        deadline = time.monotonic() + 0.05
        while processes.status(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        try:
            with open(self.RECENT, "w") as file:
                file.write(str(pid - 1))
        except OSError:
            self.recycles = False
            return False
        is_same = self.add() == pid
        self.recycled += is_same
        return is_same

    def signalled(self):
        """Every signal that reached a bystander, in words."""
        for pid in list(self.members):
            found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
            if found:
                how = "stopped" if os.WIFSTOPPED(status) else f"ended, wait status {status}"
                self.faults.append(f"bystander {pid} was {how}")
                if not os.WIFSTOPPED(status):
                    self.members.remove(pid)
        return self.faults + self.record.read_text().splitlines()

    def dismiss(self):
        for pid in self.members:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.members = []
