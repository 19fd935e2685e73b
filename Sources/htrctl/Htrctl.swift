import Commands
import Glibc

@main
struct Htrctl {
  static func main() {
    exit(CommandLineInterface.run(Array(CommandLine.arguments.dropFirst())))
  }
}
