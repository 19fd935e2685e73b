import Handwriting
import HostKit
import JSONKit
import Testing

@testable import Commands

/// `htrctl model pack`, `unpack` and `verify`.
@Suite(.timeLimit(.minutes(1)))
struct ModelCommandTests {
  let folder: ScratchFolder
  let home: String

  init() throws {
    folder = try ScratchFolder()
    home = folder.path
    try folder.write("m/weights.bin", "weights")
    try folder.write("m/logs/a.txt", "a")
    try folder.write("m/code/inference.py", "old")
  }

  func model(_ arguments: String...) -> Printed {
    htrctl(["model"] + arguments, home: home, environment: ["TMPDIR": home])
  }

  func files(_ name: String) throws -> [String] { try FakeServing.files(inArchive: "\(home)/\(name)", home: home) }

  @Test func `a folder becomes an archive that unpacks to the same`() throws {
    let packed = model("pack", "\(home)/m", "-o", "\(home)/new/model.tar.gz")
    #expect(packed.status == 0 && packed.output.contains("sha256  "), "\(packed.notes)")
    #expect(try files("new/model.tar.gz") == ["code/inference.py", "logs/a.txt", "weights.bin"])
    #expect(model("unpack", "\(home)/new/model.tar.gz", "-o", "\(home)/out").output.hasSuffix("3 files, 11 B\n"))
    #expect(try Files.readText("\(home)/out/logs/a.txt") == "a")
    #expect(try Files.names(in: "\(home)/new") == ["model.tar.gz"])
    // The folder is not empty any more.
    let again = model("unpack", "\(home)/new/model.tar.gz", "-o", "\(home)/out")
    #expect(again.status == 2 && again.notes.contains("is not empty"))
  }

  @Test func `weights are packed in half precision, and nothing else`() throws {
    let weights = try SafetensorsFile(tensors: [.init(name: "w", shape: [100], values: (0..<100).map { Float($0) })])
    try weights.write(to: "\(home)/m/model.safetensors")
    #expect(model("pack", "\(home)/m", "-o", "\(home)/half.tar.gz", "--half").status == 0)
    #expect(model("unpack", "\(home)/half.tar.gz", "-o", "\(home)/half").status == 0)
    let size = try #require(try Files.status("\(home)/half/model.safetensors")?.size)
    #expect(size < 400 && Files.exists("\(home)/half/logs/a.txt"))
    #expect(try SafetensorsFile.read("\(home)/half/model.safetensors") == weights)
    try Files.remove("\(home)/m/model.safetensors")
    let none = model("pack", "\(home)/m", "-o", "\(home)/none.tar.gz", "--half")
    #expect(none.status == 2 && none.notes.contains("no .safetensors file"))
  }

  @Test func `an archive is repacked with files renamed, added and replaced`() throws {
    try folder.write("src/serve.py", "new")
    try folder.write("labels.txt", "labels")
    #expect(model("pack", "\(home)/m", "-o", "\(home)/a.tar.gz").status == 0)
    let printed = model(
      "pack", "\(home)/a.tar.gz", "-o", "\(home)/b.tar.gz", "--rename", "weights.bin=seg/model.bin", "--rename",
      "logs=notes",
      "--add", "\(home)/labels.txt=labels.txt", "--code", "\(home)/src", "--json")
    #expect(printed.status == 0, "\(printed.notes)")
    #expect(try files("b.tar.gz") == ["code/serve.py", "labels.txt", "notes/a.txt", "seg/model.bin"])
    #expect(try JSON(parsing: printed.output)["Sha256"]?.string?.count == 64)
    #expect(try !Files.names(in: home).contains { $0.hasPrefix("htrctl-") || $0.contains(".tmp-") })
  }

  @Test func `the same files give the same bytes`() throws {
    for name in ["a", "b"] { #expect(model("pack", "\(home)/m", "-o", "\(home)/\(name).tar.gz").status == 0) }
    #expect(try Files.read("\(home)/a.tar.gz") == Files.read("\(home)/b.tar.gz"))
  }

  @Test(arguments: [
    (["--rename", "nothing=x"], "the model has no nothing. It has: code/inference.py, logs/a.txt, weights.bin."),
    (["--rename", "weights.bin=logs/a.txt"], "has a logs/a.txt already"),
    (["--rename", "weights.bin=../x"], "no path inside"),
    (["--add", "/nowhere=x"], "there is no such file or folder"), (["--code", "/nowhere"], "there is no such file"),
  ])
  func `a step that cannot be done leaves no archive`(arguments: [String], text: String) throws {
    let printed = htrctl(["model", "pack", "\(home)/m", "-o", "\(home)/x.tar.gz"] + arguments, home: home)
    #expect(printed.status == 2 && printed.notes.contains(text), "\(printed.notes)")
    #expect(!Files.exists("\(home)/x.tar.gz"))
  }

  @Test func `a job's artifact is found where it lies, and compared with the record`() throws {
    #expect(model("pack", "\(home)/m", "-o", "\(home)/a.tar.gz").status == 0)
    let daemon = try FakeServing(home) { $0.jobs["j"] = FakeServing.job("j", path: "\(folder.path)/a.tar.gz") }
    #expect(model("unpack", "j", "-o", "\(home)/out").status == 0)
    let printed = model("verify", "j")
    #expect(printed.status == 1 && printed.notes.contains("and abc was recorded: the file was changed since"))
    #expect(printed.output.contains("served by  htr/script\n") && printed.output.contains("7 B  weights.bin\n"))
    #expect(!daemon.requests.isEmpty)
  }

  @Test func `an address leads into the daemon's buckets`() throws {
    #expect(model("pack", "\(home)/m", "-o", "\(home)/buckets/b/k/model.tar.gz").status == 0)
    #expect(model("verify", "s3://b/k/model.tar.gz").status == 0)
    #expect(model("verify", "file://\(home)/buckets/b/k/model.tar.gz").status == 0)
    #expect(model("verify", "s3://b/other").notes.contains("cannot be found on this machine"))
    #expect(model("verify", "s3://b/../../etc/passwd").status == 2)
  }

  @Test func `an archive that was cut off is not whole`() throws {
    #expect(model("pack", "\(home)/m", "-o", "\(home)/a.tar.gz").status == 0)
    let bytes = try Files.read("\(home)/a.tar.gz")
    try Files.write(Array(bytes.dropLast(20)), to: "\(home)/a.tar.gz", durable: false)
    let printed = model("verify", "\(home)/a.tar.gz")
    #expect(printed.status == 1 && printed.output.contains("result  not whole\n"))
    #expect(printed.notes.contains("Give a whole model.tar.gz"))
    #expect(model("unpack", "\(home)/a.tar.gz", "-o", "\(home)/out").status == 2)
    #expect(!Files.exists("\(home)/out/code"))
  }

  @Test func `weights that are no weights are told`() throws {
    try folder.write("t/config.json", #"{"algorithm":"text-recognition","format_version":1}"#)
    let printed = model("verify", "\(home)/t")
    #expect(printed.status == 1 && printed.notes.contains("it cannot be loaded: "), "\(printed.notes)")
    try folder.write("u/config.json", #"{"algorithm":"chess"}"#)
    #expect(model("verify", "\(home)/u").notes.contains("its algorithm is 'chess'"))
  }
}
