import ArgumentParser
import Testing

@testable import Commands

@Suite struct CommandGuessTests {
  @Test(arguments: [
    ("attch", "`htrctl attach`"), ("deploi", "`htrctl deploy`"), ("train", "`htrctl fit`"),
    ("status", "`htrctl daemon status`"), ("undeploy", "`htrctl delete endpoint`"),
  ])
  func `a command that there is not is told, with the one that was meant`(_ word: String, _ guess: String) {
    let printed = htrctl([word, "words"], home: "/nowhere")
    #expect(printed.status == 2)
    #expect(printed.notes.contains("no command '\(word)'") && printed.notes.contains("Did you mean \(guess)?"))
  }

  @Test func `nothing is guessed from far away, and every command is known`() {
    let printed = htrctl(["xyzzy"], home: "/nowhere")
    #expect(printed.status == 2 && !printed.notes.contains("Did you mean"))
    #expect(CommandGuess.failure(of: ["help", "fit"], commands: RootCommand.commandNames) == nil)
    #expect(RootCommand.commandNames.count == RootCommand.configuration.subcommands.count)
  }
}
