extension ScriptMode {
  /// The toolkit's variables by their names without `SM_`, and `checkpoint_dir`, which is ours.
  static func variables(_ context: TrainingContext) -> [(key: String, value: PythonValue)] {
    let layout = context.layout
    let group = TrainingContext.instanceGroup
    let hosts: PythonValue = [.text(TrainingContext.host)]
    var variables: [(key: String, value: PythonValue)] = [
      ("hosts", hosts), ("network_interface_name", "eth0"),
      ("hps", .dictionary(context.userHyperparameters)),
      ("user_entry_point", context.program.map { .text($0) } ?? .none),
      ("framework_params", .dictionary(context.frameworkParameters)),
      ("resource_config", InputConfig.resources(context)),
      ("input_data_config", InputConfig.inputData(context)),
      ("output_data_dir", .text(layout.outputData)), ("channels", channelNames(context)),
      ("current_host", .text(TrainingContext.host)),
      ("current_instance_type", .text(context.instanceType)),
      ("current_instance_group", .text(group)), ("current_instance_group_hosts", hosts),
      ("instance_groups", [.text(group)]),
      ("instance_groups_dict", .dictionary([(group, InputConfig.instanceGroup(context))])),
      ("distribution_instance_groups", []), ("is_hetero", false),
      ("module_name", context.moduleName.map { .text($0) } ?? .none),
      ("log_level", logLevel(context)), ("framework_module", .none),
      ("input_dir", .text(layout.input)), ("input_config_dir", .text(layout.config)),
      ("output_dir", .text(layout.output)), ("num_cpus", .integer(String(context.cpus))),
      ("num_gpus", .integer(String(context.gpus))), ("num_neurons", 0),
      ("model_dir", .text(layout.model)), ("module_dir", .text(context.moduleFolder)),
      ("training_env", trainingEnvironment(context)),
      ("user_args", .list(context.userArguments.map { .text($0) })),
      ("output_intermediate_dir", .text(layout.intermediate)),
      ("checkpoint_dir", .text(layout.checkpoints)),
    ]
    variables += context.channels.map { ("channel_\($0.name)", .text(layout.channel($0.name))) }
    variables += context.userHyperparameters.map { ("hp_\($0.key)", $0.value) }
    return variables
  }

  /// `SM_TRAINING_ENV`: the toolkit's whole view of the job as one object.
  private static func trainingEnvironment(_ context: TrainingContext) -> PythonValue {
    let layout = context.layout
    let group = TrainingContext.instanceGroup
    let hosts: PythonValue = [.text(TrainingContext.host)]
    return [
      "additional_framework_parameters": .dictionary(context.frameworkParameters),
      "channel_input_dirs": .dictionary(
        context.channels.map { ($0.name, .text(layout.channel($0.name))) }),
      "current_host": .text(TrainingContext.host), "current_instance_group": .text(group),
      "current_instance_group_hosts": hosts,
      "current_instance_type": .text(context.instanceType), "distribution_hosts": [],
      "distribution_instance_groups": [], "framework_module": .none, "hosts": hosts,
      "hyperparameters": .dictionary(context.userHyperparameters),
      "input_config_dir": .text(layout.config),
      "input_data_config": InputConfig.inputData(context), "input_dir": .text(layout.input),
      "instance_groups": [.text(group)],
      "instance_groups_dict": .dictionary([(group, InputConfig.instanceGroup(context))]),
      "is_hetero": false, "is_master": true, "is_modelparallel_enabled": .none,
      "is_smddpmprun_installed": false, "is_smddprun_installed": false,
      "job_name": .text(context.jobName), "log_level": logLevel(context),
      "master_hostname": .text(TrainingContext.host), "model_dir": .text(layout.model),
      "module_dir": .text(context.moduleFolder),
      "module_name": context.moduleName.map { .text($0) } ?? .none,
      "network_interface_name": "eth0", "num_cpus": .integer(String(context.cpus)),
      "num_gpus": .integer(String(context.gpus)), "num_neurons": 0,
      "output_data_dir": .text(layout.outputData), "output_dir": .text(layout.output),
      "output_intermediate_dir": .text(layout.intermediate),
      "resource_config": InputConfig.resources(context), "topology": [],
      "user_entry_point": context.program.map { .text($0) } ?? .none,
    ]
  }

  private static func channelNames(_ context: TrainingContext) -> PythonValue {
    let names = context.channels.map(\.name)
    return .list(
      names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { .text($0) })
  }

  private static func logLevel(_ context: TrainingContext) -> PythonValue {
    context.toolkitHyperparameter("sagemaker_container_log_level") ?? 20
  }
}
