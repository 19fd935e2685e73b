import Glibc
import WorkerContract

/// `htr-shim nursery` serves launches for a daemon; `htr-shim supervise FOLDER` works on one attempt in the foreground.
let arguments = CommandLine.arguments
switch (arguments.dropFirst().first, arguments.count) {
case ("nursery", 2): exit(Nursery(socket: 3).serve())
case ("supervise", 3): exit(Shim.work(on: AttemptFolder(path: arguments[2])))
default:
  complain("usage: htr-shim nursery | htr-shim supervise FOLDER")
  exit(64)
}
