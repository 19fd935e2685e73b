import JSONKit
import Resources

/// The shapes that describe a container of a model.
extension ShapeReader {
  /// One ContainerDefinition. `place` begins the names of members that are not built.
  mutating func container(_ json: JSON, at path: String, place: String) -> Model.Container {
    refuse(json, Refused.container, at: place)
    _ = string(json, "ContainerHostname", at: "\(path).containerHostname", length: 1...63, rule: .resourceName)
    let image = string(json, "Image", at: "\(path).image", length: 1...255, rule: .image)
    if image == nil, json["ModelPackageName"]?.string == nil {
      fault(nil, at: "\(path).image", "Member must not be null")
    }
    checkImageConfig(json, path, place)
    if choice(json, "Mode", at: "\(path).mode", of: ["SingleModel", "MultiModel"]) == "MultiModel" {
      fault(
        "\(place)Mode MultiModel is not supported by htr: a worker serves one model; give each its own variant or endpoint"
      )
    }
    let environment = environment(json, at: "\(path).environment", place)
    return Model.Container(image: image ?? "", dataURI: modelURI(json, path, place), environment: environment)
  }

  private mutating func checkImageConfig(_ json: JSON, _ path: String, _ place: String) {
    let path = "\(path).imageConfig"
    let part = structure(json, "ImageConfig", at: path)
    refuse(
      part, ["RepositoryAuthConfig": "images are names of local runtimes and are not pulled"],
      at: "\(place)ImageConfig.")
    let mode = choice(
      part, "RepositoryAccessMode", at: "\(path).repositoryAccessMode", of: ["Platform", "Vpc"], required: part != nil)
    if mode == "Vpc" {
      fault(
        "\(place)ImageConfig.RepositoryAccessMode Vpc is not supported by htr: images are names of local runtimes and are not pulled"
      )
    }
  }

  private mutating func environment(_ json: JSON, at path: String, _ place: String) -> [String: String] {
    let environment =
      map(
        json, "Environment", at: path, maximumCount: 100, keyLength: 0...1024, keyRule: .environmentKey,
        valueLength: 0...1024) ?? [:]
    for (key, value) in environment.sorted(by: { $0.key < $1.key }) where value.utf8.contains(0) {
      fault("\(place)Environment variable \(key) holds a NUL byte, which no environment can carry")
    }
    return environment
  }

  /// Where the archive is: by ModelDataUrl or by the ModelDataSource that says the same; nil when neither is given.
  private mutating func modelURI(_ json: JSON, _ path: String, _ place: String) -> String? {
    let uri = string(json, "ModelDataUrl", at: "\(path).modelDataUrl", length: 0...1024, rule: .modelURI)
    guard let source = structure(json, "ModelDataSource", at: "\(path).modelDataSource") else { return uri }
    if uri != nil { fault("\(place)ModelDataUrl and ModelDataSource exclude each other") }
    return s3URI(source, "\(path).modelDataSource.s3DataSource", "\(place)ModelDataSource.S3DataSource") ?? uri
  }

  private mutating func s3URI(_ source: JSON, _ path: String, _ place: String) -> String? {
    guard let s3 = structure(source, "S3DataSource", at: path) else { return nil }
    refuse(s3, Refused.modelSource, at: "\(place).")
    let form = choice(
      s3, "S3DataType", at: "\(path).s3DataType", of: ["S3Prefix", "S3Object"], required: true)
    let compression = choice(
      s3, "CompressionType", at: "\(path).compressionType", of: ["None", "Gzip"], required: true)
    if form == "S3Prefix" || compression == "None" {
      fault(
        "\(place) with S3DataType \(form ?? "S3Object") and CompressionType \(compression ?? "Gzip") is not supported by htr: pack the files into one archive (htrctl model pack) and name it with S3Object and Gzip"
      )
    }
    return string(s3, "S3Uri", at: "\(path).s3Uri", required: true, length: 0...1024, rule: .modelURI)
  }
}
