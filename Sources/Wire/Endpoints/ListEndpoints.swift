public import Resources

/// ListEndpoints.
public typealias ListEndpointsRequest = ListRequest<Endpoint>

extension Endpoint: Listable {
  public static var listMember: String { "Endpoints" }
  public static var isListedAscending: Bool { false }
  /// An update that is rolled back shows as Updating here, and the system updates nothing by itself.
  public static var statusNames: [String] {
    EndpointStatus.allCases.map(\.rawValue) + ["OutOfService", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"]
  }
  public static func status(named name: String) -> EndpointStatus? { EndpointStatus(rawValue: name) }
  public var statusName: String? { status.rawValue }
}
