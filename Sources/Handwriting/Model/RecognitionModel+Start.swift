public import TensorKit

extension RecognitionModel {
  /// Weights and statistics to begin a training of another network with: this model's, as far as they fit.
  ///
  /// Layers of the same shape are taken over. Of the layers that score classes, the rows of characters that both
  /// charsets have are taken over, so a model can learn on with characters it did not know.
  /// - Throws: when the trunk is another one.
  public func start(
    _ network: RecognitionNetwork, charset: Charset, seed: UInt64
  ) throws(ModelFileError) -> (weights: FlatArray, statistics: FlatArray) {
    let weights = FlatArray(count: network.parameters.count)
    let statistics = FlatArray(count: network.statistics.count)
    network.start(weights, statistics, seed: seed)
    let mine = self.network
    guard mine.statistics == network.statistics, mine.architecture.hidden == network.architecture.hidden,
      mine.architecture.layers == network.architecture.layers
    else {
      throw ModelFileError(
        "the model to start from",
        "its network has other layers: channels \(mine.architecture.channels), "
          + "hidden \(mine.architecture.hidden), layers \(mine.architecture.layers). Train with these.")
    }
    statistics.copy(from: self.statistics)
    let scoring: Set<String> = [
      network.head.weight.name, network.head.bias.name, network.shortcut.weight.name, network.shortcut.bias.name,
    ]
    for (old, new) in zip(mine.parameters.parameters, network.parameters.parameters) where !scoring.contains(new.name) {
      weights.set(new, to: self.weights.values(of: old))
    }
    let pairs = Self.shared(configuration.charset, charset)
    copyRows(pairs, from: mine.head, to: network.head, into: weights)
    copyRows(pairs, from: mine.shortcut, to: network.shortcut, into: weights)
    return (weights, statistics)
  }

  /// Classes of both charsets that mean the same: the blank, and characters that both have.
  private static func shared(_ old: Charset, _ new: Charset) -> [(old: Int, new: Int)] {
    var place: [Character: Int] = [:]
    for (index, character) in old.characters.enumerated() { place[character] = index + 1 }
    return [(0, 0)]
      + new.characters.enumerated().compactMap { index, character in
        place[character].map { ($0, index + 1) }
      }
  }

  private func copyRows(
    _ pairs: [(old: Int, new: Int)], from old: TimeConvolution, to new: TimeConvolution, into weights: FlatArray
  ) {
    let inputs = old.weight.shape[old.weight.shape.count - 1]
    let (oldClasses, newClasses) = (old.bias.count, new.bias.count)
    for tap in 0..<old.weight.count / (inputs * oldClasses) {
      for pair in pairs {
        let from = self.weights[old.weight] + (tap * oldClasses + pair.old) * inputs
        (weights[new.weight] + (tap * newClasses + pair.new) * inputs).update(from: from, count: inputs)
      }
    }
    for pair in pairs { weights[new.bias][pair.new] = self.weights[old.bias][pair.old] }
  }
}
