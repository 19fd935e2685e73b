import TensorKit
import Testing

/// The CTC loss and its gradient, against two references that know nothing of each other.
@Suite struct CTCLossTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let frames, classes: Int
    let labels: [Int]
    var scale = 3.0
    var testDescription: String { "\(labels) in \(frames) frames of \(classes) classes" }

    func reference(_ scores: Tensor, member: Int = 0) -> CTCReference {
      let (batch, values) = (scores.shape.width, scores.doubles)
      let own = (0..<frames).flatMap { frame in
        let start = (frame * batch + member) * classes
        return Array(values[start..<start + classes])
      }
      return CTCReference(frames: frames, classes: classes, scores: own, labels: labels)
    }
  }

  static let tiny = [
    Case(frames: 1, classes: 2, labels: [1]), Case(frames: 1, classes: 3, labels: []),
    Case(frames: 3, classes: 3, labels: [1, 1]), Case(frames: 4, classes: 3, labels: [1, 2, 1]),
    Case(frames: 5, classes: 3, labels: [2, 2]), Case(frames: 5, classes: 4, labels: [3, 1]),
    Case(frames: 6, classes: 3, labels: [1, 2, 2, 1]), Case(frames: 6, classes: 3, labels: []),
  ]
  static let larger = [
    Case(frames: 20, classes: 6, labels: [1, 1, 2, 5, 5, 5, 3]),
    Case(frames: 40, classes: 8, labels: (0..<25).map { $0 % 7 + 1 }, scale: 6),
    Case(frames: 31, classes: 5, labels: [Int](repeating: 2, count: 16)),
    Case(frames: 60, classes: 12, labels: [4, 11, 4], scale: 10),
  ]

  private static func run(_ test: Case) -> (found: Float, gradient: [Float], reference: CTCReference) {
    let scores = Tensor(Shape(time: test.frames, batch: 1, channels: test.classes), seed: 7, scale: test.scale)
    let gradient = Tensor(scores.shape, seed: 8)
    var loss = CTCLoss()
    let found = loss(scores, labels: [test.labels.map(Int32.init)], scale: 1, gradient: gradient)
    return (found[0], gradient.values, test.reference(scores))
  }

  @Test(arguments: tiny)
  func `loss and gradient are the sums over every path`(test: Case) {
    let (found, gradient, reference) = Self.run(test)
    let expected = reference.byEveryPath()
    expectClose([found], [expected.loss], within: 1e-5)
    expectClose(gradient, expected.gradient, within: 1e-5)
  }

  @Test(arguments: tiny + larger)
  func `loss and gradient are the textbook's forward and backward variables`(test: Case) {
    let (found, gradient, reference) = Self.run(test)
    let expected = reference.byForwardBackward()
    expectClose([found], [expected.loss], within: 1e-5)
    // Posteriors are exponentials of sums over frames in float32.
    expectClose(gradient, expected.gradient, within: 1e-4)
  }

  @Test func `members of a batch do not touch each other`() {
    let tests = [
      Case(frames: 9, classes: 4, labels: [1, 2, 3]), Case(frames: 9, classes: 4, labels: [3, 3]),
      Case(frames: 9, classes: 4, labels: []),
    ]
    let scores = Tensor(Shape(time: 9, batch: 3, channels: 4), seed: 9, scale: 2)
    let gradient = Tensor(scores.shape)
    var loss = CTCLoss()
    let found = loss(scores, labels: tests.map { $0.labels.map(Int32.init) }, scale: 0.25, gradient: gradient)
    let values = gradient.values
    for (member, test) in tests.enumerated() {
      let expected = test.reference(scores, member: member).byForwardBackward()
      expectClose([found[member]], [expected.loss], within: 1e-5)
      var own: [Float] = []
      for frame in 0..<9 {
        let start = (frame * 3 + member) * 4
        own += values[start..<start + 4]
      }
      expectClose(own, expected.gradient.map { $0 * 0.25 }, within: 1e-4)
    }
  }

  @Test(arguments: [([1, 1], 2), ([1, 2, 3], 2), ([2, 2, 2], 4)])
  func `a text that needs more frames than there are has no likelihood and no gradient`(labels: [Int32], frames: Int) {
    let scores = Tensor(Shape(time: frames, batch: 1, channels: 4), seed: 3)
    let gradient = Tensor(scores.shape, seed: 4)
    var loss = CTCLoss()
    #expect(loss(scores, labels: [labels], scale: 1, gradient: gradient) == [.infinity])
    #expect(gradient.values.allSatisfy { $0 == 0 })
  }

  @Test func `a sure and right reading costs nothing, a sure and wrong one stays finite`() {
    var values = [Float](repeating: 0, count: 4 * 3)
    for (frame, label) in [1, 0, 2, 2].enumerated() { values[frame * 3 + label] = 60 }
    let scores = Tensor(Shape(time: 4, batch: 1, channels: 3), .float32, values)
    let gradient = Tensor(scores.shape)
    var loss = CTCLoss()
    #expect(loss(scores, labels: [[1, 2]], scale: 1, gradient: gradient)[0] < 1e-5)
    #expect(gradient.values.allSatisfy { abs($0) < 1e-5 })
    let wrong = loss(scores, labels: [[2, 1]], scale: 1, gradient: gradient)[0]
    #expect(wrong.isFinite && wrong > 100)
    #expect(gradient.values.allSatisfy { $0.isFinite && abs($0) <= 1.0001 })
  }
}
