import CHost
import Client
import Glibc
import HostKit
import JSONKit
import Synthesis
import TensorKit

/// The checks of `htrctl doctor`, each of one thing that htr needs or is better with.
struct Examination {
  let home: String
  let client: DaemonClient

  func findings() -> [Finding] {
    [
      homeFolder, socketPath, freeSpace, programs, libraries, kernels, documents, fonts, daemon, python, processTable,
      pidfd,
      inotify, reflinks,
      childrenFiles, openFiles, clock,
    ]
  }

  private var homeFolder: Finding {
    var status = stat()
    guard stat(home, &status) == 0 else {
      let above = existingParent(of: home)
      return access(above, W_OK) == 0
        ? Finding(grade: .ok, subject: "home", result: "\(home) will be made at the first start")
        : Finding(
          grade: .fail, subject: "home", result: "\(home) cannot be made: \(above) is not writable",
          advice: "Set HTR_HOME to a folder of yours.")
    }
    guard status.st_mode & S_IFMT == S_IFDIR, access(home, R_OK | W_OK | X_OK) == 0 else {
      return Finding(
        grade: .fail, subject: "home", result: "\(home) is no folder that can be written",
        advice: "Set HTR_HOME to a folder of yours, or mend its owner and mode.")
    }
    guard status.st_mode & 0o022 == 0 else {
      return Finding(
        grade: .warn, subject: "home", result: "\(home) can be written by other users",
        advice: "Run: chmod go-w \(shellQuoted(home))")
    }
    return Finding(grade: .ok, subject: "home", result: home)
  }

  private var socketPath: Finding {
    let count = client.socket.utf8.count
    return count <= 107
      ? Finding(grade: .ok, subject: "socket path", result: "\(count) of 107 bytes")
      : Finding(
        grade: .fail, subject: "socket path", result: "\(client.socket) has \(count) bytes, 107 are possible",
        advice: "Choose a shorter HTR_HOME.")
  }

  private var freeSpace: Finding {
    guard let free = Files.availableBytes(at: existingParent(of: home)) else {
      return Finding(grade: .warn, subject: "free space", result: "cannot be told")
    }
    let text = "\(AmountText.bytes(free)) free"
    return free > 2 << 30
      ? Finding(grade: .ok, subject: "free space", result: text)
      : Finding(
        grade: free > 128 << 20 ? .warn : .fail, subject: "free space", result: text,
        advice: "Delete jobs that are not needed (htrctl delete), or move HTR_HOME.")
  }

  private var programs: Finding {
    let missing = ["htrd", "htr-shim", "htr-worker", "htr-inference"].filter { Programs.path(of: $0) == nil }
    return missing.isEmpty
      ? Finding(grade: .ok, subject: "programs", result: "htrd, htr-shim, htr-worker and htr-inference are there")
      : Finding(
        grade: .fail, subject: "programs",
        result: "neither beside htrctl nor in PATH: \(missing.joined(separator: ", "))",
        advice: "Install all programs of htr in one folder.")
  }

  /// Those that only htrd needs: without the others this program would not have started.
  private var libraries: Finding {
    let missing = ["libsqlite3.so.0", "libpcre2-8.so.0"].filter { name in
      guard let library = dlopen(name, RTLD_LAZY) else { return true }
      dlclose(library)
      return false
    }
    return missing.isEmpty
      ? Finding(grade: .ok, subject: "libraries", result: "SQLite and PCRE2 are there")
      : Finding(
        grade: .fail, subject: "libraries", result: "missing: \(missing.joined(separator: ", "))",
        advice: "Install the packages that README.md names.")
  }

  /// What training and reading handwriting compute with.
  private var kernels: Finding {
    do throws(KernelFault) {
      let backend = try BackendChoice.automatic.make()
      guard backend.elementType == .bfloat16 else {
        return Finding(
          grade: .ok, subject: "kernels", result: backend.description,
          advice:
            "A processor with bfloat16 products (AVX-512 BF16) and oneDNN would train about 1.5 to 3 times as fast.")
      }
      return Finding(grade: .ok, subject: "kernels", result: backend.description)
    } catch {
      return Finding(
        grade: .fail, subject: "kernels", result: "\(error)", advice: "Without them no model can be trained or served.")
    }
  }

  private var documents: Finding {
    let missing = ["pdfinfo", "pdftoppm"].filter { Programs.path(of: $0) == nil }
    return missing.isEmpty
      ? Finding(grade: .ok, subject: "PDF pages", result: "poppler's pdfinfo and pdftoppm are there")
      : Finding(
        grade: .warn, subject: "PDF pages", result: "missing: \(missing.joined(separator: ", "))",
        advice: "Install poppler-utils for `htrctl read` to open PDFs; images and TIFFs do without.")
  }

  private var fonts: Finding {
    do {
      let files = try FontFolder.files()
      return Finding(grade: .ok, subject: "handwriting fonts", result: "\(files.count) files")
    } catch {
      return Finding(
        grade: .warn, subject: "handwriting fonts", result: "none: `htrctl data synthesise` cannot write",
        advice: "Run ops/install-packages, or: \(FontFolder.advice)")
    }
  }

  private var daemon: Finding {
    do {
      let status = try client.status()
      let version = status["Version"]?.string ?? "?"
      return Finding(
        grade: .ok, subject: "htrd", result: "version \(version), pid \(status["Pid"]?.integer ?? 0)")
    } catch {
      // A record that cannot be read tells nothing about another daemon.
      if let process = (try? DaemonRecord.read(home: home)) ?? nil, process.isAlive {
        return Finding(
          grade: .fail, subject: "htrd", result: "pid \(process.pid) runs but does not answer: \(error)",
          advice: "Look at \(home)/htrd.log, then: htrctl daemon stop; htrctl daemon start")
      }
      return Finding(
        grade: .warn, subject: "htrd", result: "not running", advice: "Run: htrctl daemon start")
    }
  }

  private var python: Finding {
    let folders = (Terminal.current.environment["PATH"] ?? "").split(separator: ":")
    guard let folder = folders.first(where: { access("\($0)/python3", X_OK) == 0 }) else {
      return Finding(
        grade: .warn, subject: "python3", result: "not in PATH: script mode cannot run",
        advice: "Install Python 3, or start htrd with it in PATH.")
    }
    return Finding(grade: .ok, subject: "python3", result: "\(folder)/python3")
  }

  private var processTable: Finding {
    ProcessEntry(pid: getpid()) != nil
      ? Finding(grade: .ok, subject: "/proc", result: "readable")
      : Finding(
        grade: .fail, subject: "/proc", result: "cannot be read: processes cannot be told apart",
        advice: "Mount /proc.")
  }

  private var pidfd: Finding {
    let descriptor = htr_pidfd_open(getpid())
    if descriptor >= 0 {
      close(descriptor)
      return Finding(grade: .ok, subject: "pidfd", result: "works")
    }
    return Finding(
      grade: .fail, subject: "pidfd", result: SystemError("open", "a pidfd").description,
      advice: "htr needs Linux 5.3 or newer, and a sandbox that allows pidfd_open.")
  }

  private var inotify: Finding {
    let descriptor = inotify_init()
    if descriptor >= 0 {
      close(descriptor)
      return Finding(grade: .ok, subject: "inotify", result: "works")
    }
    return Finding(
      grade: .fail, subject: "inotify", result: SystemError("start", "inotify").description,
      advice: "Raise fs.inotify.max_user_instances.")
  }

  private var reflinks: Finding {
    let folder = existingParent(of: home)
    let name = "\(folder)/.htrctl-\(Identifier.random(bytes: 6))"
    defer {
      unlink(name)
      unlink("\(name)-copy")
    }
    // Where nothing can be written there is nothing to find out: the check of the home tells that.
    guard let source = try? Descriptor.open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600),
      (try? source.write([UInt8](repeating: 1, count: 4096), path: name)) != nil,
      let copy = try? Descriptor.open("\(name)-copy", O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    else { return Finding(grade: .warn, subject: "reflinks", result: "cannot be tried in \(folder)") }
    return htr_clone_file(copy.number, source.number) == 0
      ? Finding(grade: .ok, subject: "reflinks", result: "work: data is shared, not copied")
      : Finding(
        grade: .warn, subject: "reflinks", result: "not on this file system: channels are copied",
        advice: "Put HTR_HOME on btrfs or XFS to save space and time.")
  }

  private var childrenFiles: Finding {
    Files.exists("/proc/self/task/\(getpid())/children")
      ? Finding(grade: .ok, subject: "lists of children", result: "the kernel keeps them")
      : Finding(
        grade: .warn, subject: "lists of children", result: "absent: each look at a job's processes reads all of /proc",
        advice: "Use a kernel with CONFIG_PROC_CHILDREN.")
  }

  private var openFiles: Finding {
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(7), &limits)  // RLIMIT_NOFILE, whose C constant is an enum member
    return limits.rlim_max >= 4096
      ? Finding(grade: .ok, subject: "open files", result: "up to \(limits.rlim_max)")
      : Finding(
        grade: .warn, subject: "open files", result: "only \(limits.rlim_max) allowed",
        advice: "Raise the hard limit (ulimit -Hn) to 4096 or more.")
  }

  /// SigV4 compares clocks, and job names carry the time: a clock that was never set shows at once.
  private var clock: Finding {
    let now = Timestamp.now()
    let text = CalendarText.local(now)
    return now.seconds > 1_735_689_600
      ? Finding(grade: .ok, subject: "clock", result: text)
      : Finding(grade: .fail, subject: "clock", result: "\(text) is in the past", advice: "Set the clock.")
  }

  private func existingParent(of path: String) -> String {
    var folder = path
    while !Files.exists(folder), folder != "/" { folder = Files.parent(of: folder) }
    return folder
  }
}
