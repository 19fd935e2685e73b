import HostKit
import WorkerContract

extension ScriptMode.RequirementsPolicy {
  /// What the settings say about a script's requirements.txt.
  init(_ settings: Settings, wheels: String) {
    self =
      switch settings.requirements {
      case .ignore: .ignore
      case .refuse: .refuse
      case .offline: .offline(wheelFolder: Files.exists(wheels) ? wheels : nil)
      }
  }
}
