/// The whole environment of a serving worker, whatever its runtime. Nothing of the daemon's own is in it.
///
/// Three layers, later ones winning: what any program needs and the defaults of the serving toolkits, the request's
/// Environment, and what only we can know, which scripts must be able to trust.
///
/// Inside AWS a serving container gets the model's Environment (the SDK puts SAGEMAKER_PROGRAM,
/// SAGEMAKER_SUBMIT_DIRECTORY, SAGEMAKER_CONTAINER_LOG_LEVEL and SAGEMAKER_REGION there), AWS_REGION,
/// SAGEMAKER_BIND_TO_PORT and SAGEMAKER_SAFE_PORT_RANGE; it does not get the names of endpoint and variant. Those are
/// ours, and so are called HTR_ENDPOINT and HTR_VARIANT rather than by a name that AWS may use one day.
public enum ServingEnvironment {
  /// - Parameter path: where programs are found (`PATH`), unless the request has its own.
  public static func variables(_ context: ServingContext, path: String) -> [String: String] {
    let layout = context.layout
    var variables = WorkerEnvironment.common(base: layout.base, region: context.region, path: path)
    variables.merge(defaults(context)) { _, ours in ours }
    variables.merge(context.environment) { _, asked in asked }
    variables.merge(contract(context)) { _, ours in ours }
    let asked = (context.environment["PYTHONPATH"]).map { $0.isEmpty ? [] : [$0] } ?? []
    variables["PYTHONPATH"] = ([context.code] + asked).joined(separator: ":")
    return WorkerEnvironment.valid(variables)
  }

  private static func defaults(_ context: ServingContext) -> [String: String] {
    // Libraries would start a thread for each core of the machine, whatever the slot grants.
    let threads = String(max(1, context.cpus))
    return [
      "SAGEMAKER_PROGRAM": context.program, "SAGEMAKER_REGION": context.region,
      "SAGEMAKER_CONTAINER_LOG_LEVEL": "20", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "60",
      "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
      // Workers may share the folder of a model, whose content is checked: nothing is to be written there.
      "PYTHONDONTWRITEBYTECODE": "1",
    ]
  }

  private static func contract(_ context: ServingContext) -> [String: String] {
    var variables = [
      "SAGEMAKER_BASE_DIR": context.layout.base, "SAGEMAKER_SUBMIT_DIRECTORY": context.code,
      // An empty SAGEMAKER_PROGRAM of the request means the default.
      "SAGEMAKER_PROGRAM": context.program, "HTR_SOCKET": context.socket, "HTR_ENDPOINT": context.endpointName,
      "HTR_VARIANT": context.variantName, "HTR_ACCOUNT": context.account, "SM_MODEL_DIR": context.layout.model,
      "SM_NUM_CPUS": String(context.cpus), "SM_NUM_GPUS": String(context.gpus),
      "SM_CURRENT_INSTANCE_TYPE": context.instanceType,
    ]
    if let port = context.port { variables["SAGEMAKER_BIND_TO_PORT"] = String(port) }
    if let ports = context.safePorts {
      variables["SAGEMAKER_SAFE_PORT_RANGE"] = "\(ports.lowerBound)-\(ports.upperBound)"
    }
    return variables
  }
}
