import Persistence
import Wire

extension ResourceQuery {
  /// One row more than a page has tells whether there is a next page.
  init(_ request: ListRequest<some Listable>, status: String? = nil) {
    self.init()
    nameContains = request.nameContains
    self.status = status
    createdAfter = request.createdAfter
    createdBefore = request.createdBefore
    modifiedAfter = request.modifiedAfter
    modifiedBefore = request.modifiedBefore
    order =
      switch request.sortBy {
      case .name: .name
      case .creationTime: .creationTime
      case .status: .status
      }
    isAscending = request.isAscending
    after = request.position.map { ($0.value, $0.id) }
    limit = request.limit + 1
  }
}
