public import Resources

/// ListEndpointConfigs.
public typealias ListEndpointConfigsRequest = ListRequest<EndpointConfig>

extension EndpointConfig: Listable {
  public static var listMember: String { "EndpointConfigs" }
  public static var isListedAscending: Bool { false }
}
