import HTTPTypes
import Handwriting
import ImageKit

/// A text recognition model: images of words in, texts out.
struct ServedWords: ServedModel {
  let reader: any WordReader

  func form(for headers: HTTPFields) throws(InvocationFault) -> AnswerFormat {
    guard try !PageForm.isNamed(in: headers) else {
      throw InvocationFault(
        .notAcceptable,
        "This worker reads words and answers in one form: leave `form` out, or ask a worker that reads pages."
      )
    }
    return try AnswerFormat(accept: headers[.accept])
  }

  func understand(
    _ body: [UInt8], contentType: String?, limits: InvocationLimits
  ) throws(InvocationFault) -> (items: [GreyImage], options: ReadingOptions) {
    let invocation = try Invocation(body: body, contentType: contentType, limits: limits)
    return (invocation.words, invocation.options)
  }

  func size(of word: GreyImage) -> Int { word.pixels.count }

  func work(on words: [GreyImage], options: ReadingOptions) throws -> [WordReading] {
    try reader.read(words, options: options)
  }

  func body(of readings: [WordReading], options: ReadingOptions, form: AnswerFormat) -> [UInt8] {
    form.body(readings, options: options)
  }

  func contentType(of form: AnswerFormat) -> String { form.contentType }

  var selfTest: (item: GreyImage, options: ReadingOptions) { (SelfTest.word, ReadingOptions()) }

  func fault(inSelfTest reading: WordReading) -> String? {
    (0...1).contains(reading.best.confidence)
      ? nil : "the confidence of the self-test is \(reading.best.confidence), not 0 to 1"
  }
}
