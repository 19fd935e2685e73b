import ArgumentParser
import Glibc

/// The whole of `htrctl`: the entry point and the tests both come in here.
public enum CommandLineInterface {
  /// Parses and carries out one command line (without the program's name); answers the exit status.
  /// Whatever goes wrong becomes one line on standard error.
  public static func run(_ arguments: [String]) -> Int32 {
    // A reader that goes away (`htrctl jobs | head`) is noticed by the failing write instead.
    signal(SIGPIPE, SIG_IGN)
    do {
      if let failure = CommandGuess.failure(of: arguments, commands: RootCommand.commandNames) { throw failure }
      var command = try RootCommand.parseAsRoot(arguments)
      try command.run()
      return ExitStatus.success.rawValue
    } catch {
      return report(error)
    }
  }

  private static func report(_ error: any Error) -> Int32 {
    let terminal = Terminal.current
    if let ended = error as? ExitStatus { return ended.rawValue }
    if let line = ErrorLine(error) {
      terminal.note(line.text)
      return line.status.rawValue
    }
    let message = RootCommand.fullMessage(for: error)
    guard RootCommand.exitCode(for: error).isSuccess else {
      let help = message.split(separator: "\n").last { $0.contains("--help") }
      let line = ErrorLine(
        what: "command line", why: RootCommand.message(for: error),
        advice: help.map { String($0.drop(while: \.isWhitespace)) } ?? "", status: .invalid)
      terminal.note(line.text)
      return line.status.rawValue
    }
    terminal.print(message)
    return ExitStatus.success.rawValue
  }
}

struct RootCommand: ParsableCommand {
  static var commandNames: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }

  static let configuration = CommandConfiguration(
    commandName: "htrctl",
    abstract: "Train and serve handwriting recognisers on this machine, as if it were SageMaker.",
    discussion: """
      EXAMPLES:
        htrctl demo
        htrctl daemon start
        htrctl fit --entry-point train.py --source-dir src --input train=data --metric 'loss=loss: ([0-9.]+)'
        htrctl jobs --status InProgress
        htrctl attach train-2026-07-01-12-00-00-000
        htrctl deploy --latest train --endpoint words && htrctl invoke words word.png
        eval "$(htrctl env)" && python3 my_boto3_script.py

      EXIT STATUS: 0 done, 1 the job, endpoint or invocation failed, 2 the request is wrong or refused, 3 the job was
      stopped, 4 timed out, 5 htrd is not reachable, 6 anything else, 130 detached by Ctrl-C.
      """,
    version: "htrctl 0.1.0",
    subcommands: [
      DemoCommand.self, FitCommand.self, AttachCommand.self, WaitCommand.self, JobsCommand.self, DescribeCommand.self,
      LogsCommand.self, MetricsCommand.self, StopCommand.self, DeleteCommand.self, ReadCommand.self,
      EvaluateCommand.self,
      DeployCommand.self, UpdateCommand.self, ScaleCommand.self, InvokeCommand.self, EndpointsCommand.self,
      ModelsCommand.self, ModelCommand.self, TransformCommand.self, TransformsCommand.self,
      DaemonCommand.self, BackupCommand.self, RestoreCommand.self, GCCommand.self, DoctorCommand.self, EnvCommand.self,
      DataCommand.self,
    ])
}
