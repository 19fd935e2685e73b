public import Resources

/// ListTransformJobs.
public typealias ListTransformJobsRequest = ListRequest<TransformJob>

extension TransformJob: Listable {
  public static var listMember: String { "TransformJobSummaries" }
  public static var isListedAscending: Bool { false }
  public static var statusNames: [String] { TransformJobStatus.allCases.map(\.rawValue) }
  public static func status(named name: String) -> TransformJobStatus? { TransformJobStatus(rawValue: name) }
  public var statusName: String? { status.rawValue }
}
