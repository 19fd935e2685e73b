import Glibc

/// AdamW of one number, as Loshchilov and Hutter 2019 write it, in double.
struct AdamWReference {
  var weight: Double
  var moment1 = 0.0
  var moment2 = 0.0
  var average: Double
  var steps = 0

  init(weight: Double) {
    self.weight = weight
    average = weight
  }

  mutating func step(gradient: Double, learningRate: Double, weightDecay: Double, averageDecay: Double) {
    let (beta1, beta2, epsilon) = (0.9, 0.98, 1e-8)
    steps += 1
    moment1 = beta1 * moment1 + (1 - beta1) * gradient
    moment2 = beta2 * moment2 + (1 - beta2) * gradient * gradient
    let corrected1 = moment1 / (1 - pow(beta1, Double(steps)))
    let corrected2 = moment2 / (1 - pow(beta2, Double(steps)))
    weight -= learningRate * (corrected1 / (corrected2.squareRoot() + epsilon) + weightDecay * weight)
    average = averageDecay * average + (1 - averageDecay) * weight
  }
}
