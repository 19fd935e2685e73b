import Documents
import HostKit
import Pages

/// How an output names the pages it tells of, and where a manifest's page images are kept.
struct PageNaming: Sendable {
  let format: PageFormat
  /// The output's folder, absolute; nil for standard output.
  let folder: String?
  /// Where images go that a manifest must name and that are no files yet (pages of PDF and TIFF, standard input).
  let imageFolder: String?

  /// The page's `source`, by which it is known again. Later pages of one document are told apart as PDF viewers do it.
  func source(of task: PageTask) throws -> String {
    guard format == .manifest else {
      return task.count > 1 ? "\(task.file.name)#page=\(task.index + 1)" : task.file.name
    }
    let path: String
    if task.isImageFile, let file = task.file.path { path = absolutePath(file) } else { path = try imagePath(of: task) }
    return ImagePlace.file(path).source(in: folder ?? "")
  }

  /// Keeps the image beside the manifest where there is no file that the manifest could name.
  func keepImage(of task: PageTask, _ reading: PageOutcome.Reading) throws {
    guard format == .manifest, !task.isImageFile else { return }
    let path = try imagePath(of: task)
    try Files.makeFolder(Files.parent(of: path))
    try Files.write(reading.image.bytes, to: path)
  }

  /// Pages are drawn as JPEG; what came on standard input may be PNG, which readers tell by its bytes.
  private func imagePath(of task: PageTask) throws -> String {
    guard let imageFolder else {
      throw Failure(
        "--format manifest", "\(task.name) is no image file that a manifest could name",
        advice: "Give --output, so that the images of the pages are kept beside it.")
    }
    return "\(imageFolder)/\(task.stem).jpg"
  }

  func printed(_ task: PageTask, _ reading: PageOutcome.Reading) throws -> PrintedPage {
    PrintedPage(
      page: reading.page, source: try source(of: task), number: task.index + 1,
      imageFile: format.needsImage ? reading.image.bytes : nil)
  }
}
