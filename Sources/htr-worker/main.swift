import BuiltInAlgorithms
import Glibc

let base = getenv("SAGEMAKER_BASE_DIR").map { String(cString: $0) }
exit(WorkerProgram.run(Array(CommandLine.arguments.dropFirst()), base: base))
