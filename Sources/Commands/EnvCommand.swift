import ArgumentParser
import Client
import HostKit
import JSONKit

struct EnvCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "env",
    abstract: "Print what boto3, the aws command and the SageMaker SDK need to reach this daemon.",
    discussion: """
      Also writes HTR_HOME/sagemaker-config.yaml, which tells the SageMaker SDK its bucket and turns its telemetry off.

      EXAMPLES:
        eval "$(htrctl env)"
        eval "$(htrctl env --unset)"
        htrctl env --output json
      """)

  static let names = [
    "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION",
    "AWS_REGION", "SAGEMAKER_USER_CONFIG_OVERRIDE",
  ]

  @Flag(help: "Print what takes the variables away again.") var unset = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    if unset { return Terminal.current.print("unset \(Self.names.joined(separator: " "))") }
    let environment = try common.client.environment()
    let configPath = "\(common.homeFolder)/sagemaker-config.yaml"
    try Files.write(Self.sdkConfig(bucket: environment.defaultBucket), to: configPath, mode: 0o600)
    let values = Self.values(environment, configPath: configPath)
    if common.isJSON {
      return printJSON(.object(.init(values.map { ($0.name, .string($0.value)) })))
    }
    for variable in values {
      Terminal.current.print("export \(variable.name)=\(shellQuoted(variable.value))")
    }
  }

  static func values(_ environment: DaemonEnvironment, configPath: String) -> [Assignment] {
    let values = [
      environment.endpointURL, environment.accessKeyId, environment.secretAccessKey,
      environment.region, environment.region, configPath,
    ]
    return zip(names, values).map { Assignment(name: $0, value: $1) }
  }

  /// Without this file the SDK asks the real AWS for its account, and reports its use there.
  static func sdkConfig(bucket: String) -> String {
    """
    SchemaVersion: '1.0'
    SageMaker:
      PythonSDK:
        Modules:
          TelemetryOptOut: true
          Session:
            DefaultS3Bucket: \(JSON.string(bucket).text)

    """
  }
}
