public import Resources

/// ListTrainingJobs.
public typealias ListTrainingJobsRequest = ListRequest<TrainingJob>

extension TrainingJob: Listable {
  public static var listMember: String { "TrainingJobSummaries" }
  public static var isListedAscending: Bool { true }
  /// Nothing is ever "Deleting" here: deletion is immediate.
  public static var statusNames: [String] { TrainingJobStatus.allCases.map(\.rawValue) + ["Deleting"] }
  public static func status(named name: String) -> TrainingJobStatus? { TrainingJobStatus(rawValue: name) }
  public var statusName: String? { status.rawValue }

  public static var refusedListMembers: [String: String] {
    [
      "WarmPoolStatusEquals": "there are no warm pools",
      "TrainingPlanArnEquals": "there are no training plans",
    ]
  }
}
