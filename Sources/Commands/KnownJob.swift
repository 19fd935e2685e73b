import Client

extension DaemonClient {
  /// A training job's record; a name that no job has is told as that, with what may have been meant.
  func knownJob(_ name: String) throws -> TrainingJobRecord {
    do {
      return try trainingJob(name)
    } catch let refusal as ServiceError where refusal.message == "Requested resource not found." {
      // Only a hint: without an answer there is none.
      let isEndpoint = (try? endpointIfAny(name)) ?? nil != nil
      throw Failure(
        "training job \(name)", "there is no job of this name",
        advice: isEndpoint
          ? "There is an endpoint of this name: `htrctl describe endpoint \(name)`."
          : "`htrctl jobs` lists those that are.")
    }
  }
}
