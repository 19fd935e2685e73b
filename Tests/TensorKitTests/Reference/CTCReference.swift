import Glibc

/// The CTC loss of one text and its gradient at the scores, in double: by trying every path, and by forward and backward
/// variables as Graves et al. 2006 write them.
struct CTCReference {
  let frames: Int
  let classes: Int
  /// frames x classes, before the softmax.
  let scores: [Double]
  let labels: [Int]

  struct Result {
    let loss: Double
    let gradient: [Double]
  }

  var probabilities: [Double] {
    (0..<frames).flatMap { frame in
      let row = scores[frame * classes..<(frame + 1) * classes]
      let top = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp($1 - top) }
      return row.map { exp($0 - top) / sum }
    }
  }

  /// Only for very few frames: there are classes ^ frames paths.
  func byEveryPath() -> Result {
    let y = probabilities
    var total = 0.0
    var through = [Double](repeating: 0, count: y.count)
    var path = [Int](repeating: 0, count: frames)
    while true {
      if collapsed(path) == labels {
        let probability = path.indices.reduce(1.0) { $0 * y[$1 * classes + path[$1]] }
        total += probability
        for frame in path.indices { through[frame * classes + path[frame]] += probability }
      }
      guard let place = path.lastIndex(where: { $0 < classes - 1 }) else { break }
      path[place] += 1
      for later in (place + 1)..<max(frames, place + 1) { path[later] = 0 }
    }
    return result(total, through, y)
  }

  private func collapsed(_ path: [Int]) -> [Int] {
    path.indices.filter { path[$0] != 0 && ($0 == 0 || path[$0 - 1] != path[$0]) }.map { path[$0] }
  }

  func byForwardBackward() -> Result {
    let y = probabilities
    let extended = [0] + labels.flatMap { [$0, 0] }
    let places = extended.indices
    func mayStep(_ from: Int, _ to: Int) -> Bool {
      to == from || to == from + 1 || (to == from + 2 && extended[to] != 0 && extended[to] != extended[from])
    }
    var alpha = [[Double]](repeating: [Double](repeating: 0, count: extended.count), count: frames)
    var beta = alpha
    for place in places.prefix(2) { alpha[0][place] = y[extended[place]] }
    for place in places.suffix(2) { beta[frames - 1][place] = 1 }
    for frame in 1..<max(1, frames) {
      for place in places {
        let sum = places.reduce(0.0) { mayStep($1, place) ? $0 + alpha[frame - 1][$1] : $0 }
        alpha[frame][place] = sum * y[frame * classes + extended[place]]
      }
    }
    for frame in (0..<frames - 1).reversed() {
      for place in places {
        beta[frame][place] = places.reduce(0.0) { sum, next in
          mayStep(place, next) ? sum + beta[frame + 1][next] * y[(frame + 1) * classes + extended[next]] : sum
        }
      }
    }
    var through = [Double](repeating: 0, count: y.count)
    for frame in 0..<frames {
      for place in places { through[frame * classes + extended[place]] += alpha[frame][place] * beta[frame][place] }
    }
    return result(alpha[frames - 1].suffix(2).reduce(0, +), through, y)
  }

  private func result(_ total: Double, _ through: [Double], _ y: [Double]) -> Result {
    Result(loss: -log(total), gradient: zip(y, through).map { $0 - $1 / total })
  }
}
