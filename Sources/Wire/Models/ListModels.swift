public import Resources

/// ListModels.
public typealias ListModelsRequest = ListRequest<Model>

extension Model: Listable {
  public static var listMember: String { "Models" }
  public static var isListedAscending: Bool { false }
}
