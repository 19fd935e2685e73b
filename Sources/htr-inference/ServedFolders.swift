import Handwriting
import InferenceHost
import Logging
import Pages
import Segmentation
import TensorKit

/// The models that one worker serves, and what they compute with.
struct ServedFolders {
  let folders: ModelFolders
  let kernels: BackendChoice
  let threads: Int
  let readsBestPath: Bool
  let logger: Logger

  func settings(at address: InferenceSettings.Address) -> InferenceSettings {
    folders.segmentation == nil ? InferenceSettings(address: address) : .pages(at: address)
  }

  /// Without a segmentation model words are served, otherwise pages.
  var loading: InferenceHost.Loading {
    if let folder = folders.segmentation { return .pages { try pageReader(locating: folder) } }
    return .words { try wordReader(folders.recognition ?? "") }
  }

  private func pageReader(locating folder: String) throws -> PageReader {
    // One page is worked on at a time.
    PageReader(
      localiser: NetworkLocaliser(try SegmentationModel(folder: folder), backends: try backends(1)),
      reader: try folders.recognition.map { try wordReader($0) }, threads: threads)
  }

  private func wordReader(_ folder: String) throws -> any WordReader {
    try NetworkReader(RecognitionModel(folder: folder), backends: try backends(threads), readsBestPath: readsBestPath)
  }

  private func backends(_ count: Int) throws -> [any KernelBackend] {
    let backends = try (0..<count).map { _ in try kernels.make() }
    logger.info("backend", metadata: ["kernels": "\(backends[0].description)", "threads": "\(count)"])
    return backends
  }
}
