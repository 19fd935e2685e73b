/// The arrays that the layers of one replica read and write.
public struct NetworkMemory {
  /// Trained parameters, shared by all replicas.
  public let weights: FlatArray
  /// This replica's own gradients.
  public let gradients: FlatArray
  /// Running means and variances of the norms: this replica's own while it trains.
  public let statistics: FlatArray

  public init(weights: FlatArray, gradients: FlatArray, statistics: FlatArray) {
    self.weights = weights
    self.gradients = gradients
    self.statistics = statistics
  }
}

/// What a replica is built for: how much memory it plans, and whether it keeps what a backward pass needs.
public enum NetworkUse: Sendable, Equatable {
  case training
  case inference
}
