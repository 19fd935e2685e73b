import Testing

@testable import BuiltInAlgorithms
@testable import Handwriting

/// The lines of a training's log: metric definitions read them, so their form is a promise.
struct RecognitionReportTests {
  private static func scores(_ pairs: [(String, String)], collection: String?) -> CollectionScores {
    var scores = CollectionScores()
    for (reference, reading) in pairs { scores.add(reference: reference, reading: reading, collection: collection) }
    return scores
  }

  private static func evaluation(test: CollectionScores?, isBest: Bool = false) -> TrainingEvent {
    .evaluated(
      TrainingEvaluation(
        number: 12, epochs: 3, trainLoss: 0.123_456, validation: nil,
        test: test.map { EvaluationScores(loss: 1.5, scores: $0) }, isBest: isBest))
  }

  @Test func `progress is one line`() {
    let progress = TrainingProgress(
      step: 1760, epochs: 1.5589, share: 0.4216, loss: 0.945_781, wordsPerSecond: 231.7, secondsLeft: 121,
      learningRate: 0.000_431_6, gradientLength: 2.8428)
    #expect(
      RecognitionReport.lines(.progress(progress)) == [
        "Progress 42.2 %: step 1760, epoch 1.56, 231 words/s, loss 0.9458, learning rate 0.000432, gradient 2.84, 2 min left"
      ])
  }

  @Test(arguments: [(0.0, "0 s"), (119.9, "119 s"), (120, "2 min"), (7200, "120 min"), (.infinity, "16666666 min")])
  func `the time left is given in seconds, then in minutes`(seconds: Double, text: String) {
    let progress = TrainingProgress(
      step: 1, epochs: 0, share: 0, loss: 0, wordsPerSecond: 0, secondsLeft: seconds, learningRate: 0,
      gradientLength: 0)
    #expect(RecognitionReport.lines(.progress(progress))[0].hasSuffix(", \(text) left"))
  }

  @Test func `an evaluation begins with its number and its losses, one a line`() {
    let lines = RecognitionReport.lines(
      Self.evaluation(test: Self.scores([("ink", "ink"), ("pen", "pan")], collection: nil)))
    #expect(
      lines == [
        "Iteration 12", "Train loss 0.1235", "Test loss 1.5000", "Test CER 0.1667 WER 0.5000 exact 0.5000",
      ])
  }

  @Test func `without test words there is no test loss`() {
    #expect(
      RecognitionReport.lines(Self.evaluation(test: nil, isBest: true)) == [
        "Iteration 12", "Train loss 0.1235", "Best weights so far: iteration 12",
      ])
  }

  @Test func `a loss that is no number is no metric`() throws {
    let event = TrainingEvaluation(
      number: 1, epochs: 1, trainLoss: .nan, validation: nil, test: nil, isBest: false)
    let line = RecognitionReport.lines(.evaluated(event))[1]
    #expect(line == "Train loss nan")
    #expect(try Regex("Train loss ([0-9.]+)").firstMatch(in: line) == nil)
  }

  @Test func `sources are told apart when there are several`() {
    var scores = Self.scores([("ink", "ink")], collection: "iam")
    #expect(RecognitionReport.collections(scores).isEmpty)
    scores.add(reference: "pen", reading: "pin", collection: "breta")
    #expect(
      RecognitionReport.collections(scores) == [
        "  breta: CER 0.3333, exact 0.0000 (1 words)", "  iam: CER 0.0000, exact 1.0000 (1 words)",
      ])
  }
}
