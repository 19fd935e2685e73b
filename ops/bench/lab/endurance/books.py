"""What became of every request: the load generator's records, held against what was done meanwhile."""

from collections import Counter


class Books:
    """`outages` are (kill sent, dead, answering again) of the daemon, `reigns` (from, until, model) of what alone may answer; times
    in seconds of the monotonic clock."""

    def __init__(self, outages, reigns, models):
        self.outages, self.reigns, self.models = outages, reigns, models
        self.counts, self.faults, self.slowest = Counter(), [], 0.0

    def read(self, path):
        with open(path, encoding="latin-1") as records:
            for line in records:
                kind, rest = line.rstrip("\n").split(" ", 1)
                getattr(self, kind)(*rest.split(" ", 2))
        return self

    def answered(self, sent, received, model):
        sent, received = float(sent), float(received)
        self.slowest = max(self.slowest, received - sent)
        if model != "-" and model not in self.models:
            return self.blame("answered by a model that was never deployed", model)
        for start, end, only in self.reigns:
            if model not in ("-", only) and start <= sent and received <= end:
                return self.blame("answered by a model that was replaced before", f"sent {sent:.3f}, model {model[:8]}")
        self.counts["answered right"] += 1

    def cut(self, connected, noticed, *_):
        # A process takes connections until the signal has reached all of its threads.
        if any(float(connected) <= dead and killed <= float(noticed) for killed, dead, _ in self.outages):
            self.counts["cut off by the daemon's own death, sent again"] += 1
        else:
            self.blame("lost while the daemon was up", f"connected {connected}, cut {noticed}")

    def refused(self, time, *_):
        # A moment more: the connection was tried before it was noted.
        if any(killed <= float(time) <= back + 0.1 for killed, _, back in self.outages):
            self.counts["refused while the daemon was down, tried again"] += 1
        else:
            self.blame("refused while the daemon was up", time)

    def wrong(self, sent, received, what):
        self.blame("answered wrongly", f"{float(received) - float(sent):.2f} s: {what}")

    def blame(self, kind, text):
        self.counts[kind] += 1
        self.faults.append((kind, text))

    KINDS = (
        "answered wrongly", "answered by a model that was never deployed", "answered by a model that was replaced before",
        "lost while the daemon was up", "refused while the daemon was up",
    )
