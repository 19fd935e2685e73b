/// The three files of `input/config`, as SageMaker writes them.
public enum InputConfig {
  /// `hyperparameters.json`: names and values as the request sent them, undecoded.
  public static func hyperparametersJSON(_ context: TrainingContext) -> String {
    PythonValue.dictionary(context.hyperparameters.map { ($0.key, .text($0.value)) }).jsonText
  }

  /// `inputdataconfig.json`: what each channel is and how it comes.
  public static func inputDataConfigJSON(_ context: TrainingContext) -> String {
    inputData(context).jsonText
  }

  /// `resourceconfig.json`: the hosts of the job, which are this one.
  public static func resourceConfigJSON(_ context: TrainingContext) -> String {
    resources(context).jsonText
  }

  static func inputData(_ context: TrainingContext) -> PythonValue {
    .dictionary(
      context.channels.map { channel in
        var members: [(key: String, value: PythonValue)] = [
          ("TrainingInputMode", .text(channel.inputMode)),
          ("S3DistributionType", .text(channel.distribution)),
          ("RecordWrapperType", .text(channel.recordWrapper ?? "None")),
        ]
        if let type = channel.contentType { members.append(("ContentType", .text(type))) }
        return (channel.name, .dictionary(members))
      })
  }

  static func resources(_ context: TrainingContext) -> PythonValue {
    [
      "current_host": .text(TrainingContext.host), "hosts": [.text(TrainingContext.host)],
      "current_instance_type": .text(context.instanceType),
      "current_group_name": .text(TrainingContext.instanceGroup), "network_interface_name": "eth0",
      "instance_groups": [instanceGroup(context)],
    ]
  }

  static func instanceGroup(_ context: TrainingContext) -> PythonValue {
    [
      "instance_group_name": .text(TrainingContext.instanceGroup),
      "instance_type": .text(context.instanceType), "hosts": [.text(TrainingContext.host)],
    ]
  }
}
