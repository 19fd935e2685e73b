/// The whole environment of a worker. Nothing of the daemon's own is in it.
///
/// Three layers, later ones winning: what any program needs, the request's Environment, and the contract's own
/// variables, which scripts must be able to trust.
public enum WorkerEnvironment {
  /// For `TMPDIR`. It lies within the job's folder, so that it counts as the job's disk and goes with it. Whoever
  /// prepares the folders of an attempt makes this one too.
  public static func temporaryFolder(_ layout: TrainingLayout) -> String { temporaryFolder(base: layout.base) }

  static func temporaryFolder(base: String) -> String { "\(base)/tmp" }

  /// - Parameter path: where programs are found (`PATH`), unless the request has its own.
  static func base(_ context: TrainingContext, path: String) -> [String: String] {
    let layout = context.layout
    var variables = common(base: layout.base, region: context.region, path: path)
    variables.merge(context.environment) { _, asked in asked }
    let contract = [
      "SAGEMAKER_BASE_DIR": layout.base, "TRAINING_JOB_NAME": context.jobName,
      "TRAINING_JOB_ARN": context.jobArn, "SAGEMAKER_REGION": context.region,
      "SAGEMAKER_JOB_NAME": context.jobName, "CURRENT_HOST": TrainingContext.host,
    ]
    variables.merge(contract) { _, ours in ours }
    for (key, value) in ScriptMode.variables(context) {
      variables["SM_" + key.uppercased()] = value.variable
    }
    return valid(variables)
  }

  /// What any program needs.
  static func common(base: String, region: String, path: String) -> [String: String] {
    [
      "PATH": path, "HOME": base, "LANG": "C.UTF-8", "TMPDIR": temporaryFolder(base: base),
      "PYTHONUNBUFFERED": "1", "AWS_REGION": region,
    ]
  }

  /// The variables that a process can be given. A name with `=` would be read as another one, with another value; a NUL
  /// would end the text.
  static func valid(_ variables: [String: String]) -> [String: String] {
    variables.filter { name, value in
      !name.isEmpty && !name.utf8.contains(UInt8(ascii: "=")) && !name.utf8.contains(0)
        && !value.utf8.contains(0)
    }
  }
}

/// The environment of workers that are no Python scripts: built-in algorithms and plain commands.
public enum PlainEnvironment {
  /// - Parameter path: where programs are found (`PATH`), unless the request has its own.
  public static func variables(_ context: TrainingContext, path: String) -> [String: String] {
    WorkerEnvironment.base(context, path: path)
  }
}
