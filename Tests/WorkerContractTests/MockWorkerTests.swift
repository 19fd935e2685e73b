import Glibc
import HostKit
import JSONKit
import Testing
import WorkerContract

/// `htr-worker train mock` as its parent sees it.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct MockWorkerTests {
  @Test func `it prints losses, writes the same model each time and ends with 0`() throws {
    var models: [[UInt8]] = []
    for _ in 0..<2 {
      let worker = try MockWorker(["epochs": "2", "seed": "7", "model-bytes": "100", "output-files": "2"])
      let end = try worker.run()
      #expect(end.code == 0)
      #expect(
        end.output == """
          Iteration 1
          Train loss 1.0700
          Test loss 1.3375
          iter: 1  total_loss: 2.4075
          Iteration 2
          Train loss 0.7367
          Test loss 0.9208
          iter: 2  total_loss: 1.6575
          Training finished

          """)
      #expect(try Files.names(in: worker.layout.outputData) == ["file-1.txt", "file-2.txt"])
      models.append(try Files.read("\(worker.layout.model)/model.bin"))
    }
    #expect(models[0].count == 100)
    #expect(models[0] == models[1])
  }

  @Test func `it gives up with the code and the message that were asked for`() throws {
    let worker = try MockWorker([
      "fail-at-epoch": "2", "exit-code": "42", "failure-message": "\"no ink left\"",
    ])
    let end = try worker.run()
    #expect(end.code == 42)
    #expect(end.output.contains("Iteration 2\n"))
    #expect(try Files.readText(worker.layout.failure) == "no ink left")
  }

  @Test func `every fault of the hyperparameters is named at once`() throws {
    let worker = try MockWorker(["epochs": "-1", "print": "maybe", "colour": "red", "sagemaker_region": "x"])
    let end = try worker.run()
    #expect(end.code == WorkerExitCode.badRequest.rawValue)
    let message = try Files.readText(worker.layout.failure)
    #expect(message.contains("epochs must be a whole number from 0 to 1000000, not -1"))
    #expect(message.contains("print must be true or false, not 'maybe'"))
    #expect(message.contains("colour is unknown (there are: epochs, "))
    #expect(!message.contains("sagemaker_region"))
  }

  @Test(arguments: [["train", "nothing"], ["train"], ["dance"]])
  func `a request that makes no sense ends with 2`(_ arguments: [String]) throws {
    #expect(try MockWorker([:]).run(arguments).code == WorkerExitCode.badRequest.rawValue)
  }

  @Test(arguments: [6, 11])
  func `it crashes by the signal that was asked for`(_ signal: Int32) throws {
    let end = try MockWorker(["crash": "\(signal)"]).run()
    #expect(end.signal == signal)
  }

  @Test func `asked to stop it saves the model and ends with 0`() throws {
    let worker = try MockWorker(["epochs": "1000", "hang-at-epoch": "1"])
    let process = try worker.start()
    let output = try process.read(until: "Iteration 1\n")
    kill(process.pid, SIGTERM)
    let end = try process.end(after: output)
    #expect(end.code == 0)
    #expect(end.output.hasSuffix("Stopping after epoch 1\nTraining finished\n"))
    #expect(Files.exists("\(worker.layout.model)/model.bin"))
  }

  @Test func `it ignores SIGTERM when asked to`() throws {
    let worker = try MockWorker(["epochs": "2", "ignore-term": "true", "seconds-per-epoch": "0.2"])
    let process = try worker.start()
    let output = try process.read(until: "Iteration 1\n")
    kill(process.pid, SIGTERM)
    let end = try process.end(after: output)
    #expect(end.code == 0)
    #expect(end.output.contains("iter: 2 "))
    #expect(!end.output.contains("Stopping"))
  }

  @Test func `it goes on from its checkpoint`() throws {
    let worker = try MockWorker(["epochs": "4", "checkpoint": "true", "fail-at-epoch": "3"])
    #expect(try worker.run().code == 1)
    try worker.set(["epochs": "4", "checkpoint": "true"])
    let end = try worker.run()
    #expect(end.code == 0)
    #expect(end.output.hasPrefix("Resumed from epoch 2\nIteration 3\n"))
  }

  @Test func `a checkpoint of something else ends with 3`() throws {
    let worker = try MockWorker(["checkpoint": "true"])
    try Files.write("no json", to: "\(worker.layout.checkpoints)/mock.json", durable: false)
    #expect(try worker.run().code == WorkerExitCode.badData.rawValue)
  }

  @Test func `it writes as many bytes of log as asked, each line with its number`() throws {
    let end = try MockWorker(["log-bytes": "250", "print": "false", "epochs": "0"]).run()
    #expect(end.output.utf8.count == 250 + "Training finished\n".utf8.count)
    let starts = end.output.split(separator: "\n").prefix(3).map { $0.prefix(10) }
    #expect(starts == ["log line 0", "log line 1", "log line 2"])
  }

  @Test func `it leaves behind processes of four kinds`() throws {
    let worker = try MockWorker(["fork": "4", "epochs": "0"])
    let token = "HTR_ATTEMPT=\(worker.token)"
    // They hold the pipe open, and so nobody waits for its end here.
    let process = try worker.start()
    let output = try process.read(until: "Left behind stubborn")
    #expect(output.contains("Left behind child"))
    #expect(try process.wait().code == 0)
    // They leave their session and their parent by themselves, a moment after their start.
    let started = Timestamp.now()
    var sessions: Set<Int32> = []
    while sessions.count < 4, Timestamp.now() < started.advanced(bySeconds: 20) {
      sessions.formUnion(ProcessEntry.all().filter { $0.hasEnvironment(token) }.map(\.session))
    }
    #expect(sessions.count >= 4)
    // One that dies may have started its own child since it was seen: until nobody is left.
    while true {
      let found = ProcessEntry.all().filter { !$0.isZombie && $0.hasEnvironment(token) }
      if found.isEmpty { break }
      for entry in found { kill(entry.pid, SIGKILL) }
    }
  }

  @Test func `a training that fills memory really holds it`() throws {
    let worker = try MockWorker(["memory-megabytes": "64", "hang-at-epoch": "1"])
    let process = try worker.start()
    _ = try process.read(until: "Iteration 1\n")
    let entry = try #require(ProcessEntry(pid: process.pid))
    #expect(entry.residentBytes > 64 << 20)
    kill(process.pid, SIGKILL)
    #expect(try process.wait().signal == SIGKILL)
  }
}
