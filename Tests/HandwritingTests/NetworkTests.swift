import Handwriting
import TensorKit
import Testing

@Suite struct NetworkTests {
  private static func changed(_ change: (inout RecognitionArchitecture) -> Void) -> RecognitionArchitecture {
    var architecture = RecognitionArchitecture(classes: 80)
    change(&architecture)
    return architecture
  }

  @Test func `the standard architecture is a network`() {
    #expect(RecognitionArchitecture(classes: 80).fault == nil)
    #expect(RecognitionArchitecture(classes: 80).with(classes: 7).classes == 7)
  }

  @Test(arguments: [
    ("channels", changed { $0.channels = [16, 32] }), ("channels", changed { $0.channels[2] = 24 }),
    ("channels", changed { $0.channels[6] = 1_040 }), ("hidden", changed { $0.hidden = 8 }),
    ("hidden", changed { $0.hidden = 40 }), ("layers", changed { $0.layers = 0 }),
    ("layers", changed { $0.layers = 5 }), ("classes", changed { $0.classes = 1 }),
    ("classes", changed { $0.classes = 2_002 }), ("height", changed { $0.height = 40 }),
    ("height", changed { $0.height = 144 }), ("height", changed { $0.height = 0 }),
  ])
  func `what cannot be a network says why`(word: String, architecture: RecognitionArchitecture) {
    #expect(architecture.fault?.hasPrefix(word) == true)
  }

  @Test func `fresh weights depend on the seed alone`() {
    let (first, again, other) = (TestNetwork(seed: 3), TestNetwork(seed: 3), TestNetwork(seed: 4))
    for parameter in first.network.parameters.parameters {
      let values = first.weights.values(of: parameter)
      #expect(values == again.weights.values(of: parameter))
      let isFixed = parameter.shape.count == 1
      #expect(isFixed || values != other.weights.values(of: parameter), "\(parameter.name)")
    }
  }

  @Test func `every parameter has its own name and is decayed only when it is a matrix`() {
    let parameters = TestNetwork().network.parameters.parameters
    #expect(Set(parameters.map(\.name)).count == parameters.count)
    #expect(parameters.allSatisfy { $0.decays == ($0.shape.count > 1) })
  }

  @Test(arguments: [(1, 32), (32, 32), (33, 48), (100, 112), (300, 320), (500, 500), (9_999, 500)])
  func `a word gets the narrowest width that holds it`(content: Int, width: Int) {
    #expect(WidthBuckets(maximum: 500).width(for: content) == width)
  }
}
