import TensorKit
import Testing

@Suite struct BackendChoiceTests {
  @Test func `OpenBLAS is there to be tested`() throws { _ = try TestedBackend.openBLAS.make() }
  @Test func `oneDNN is there to be tested`() throws { _ = try TestedBackend.oneDNNFloat32.make() }
  @Test func `products of bfloat16 are there to be tested`() throws { _ = try TestedBackend.oneDNNBFloat16.make() }

  @Test(arguments: BackendChoice.allCases)
  func `a choice gives its own backend or says what is missing`(choice: BackendChoice) {
    do throws(KernelFault) {
      let backend = try choice.make()
      switch choice {
      case .automatic: #expect(!(backend is ReferenceBackend))
      case .oneDNN: #expect(backend is OneDNNBackend)
      case .oneDNNFloat32: #expect(backend is OneDNNBackend && backend.elementType == .float32)
      case .openBLAS: #expect(backend is OpenBLASBackend)
      case .reference: #expect(backend is ReferenceBackend)
      }
      #expect(!backend.description.isEmpty)
    } catch {
      #expect(error.description.contains("apt-get install"))
    }
  }
}
