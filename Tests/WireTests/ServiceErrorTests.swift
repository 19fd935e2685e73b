import JSONKit
import Resources
import Testing
import Wire

@Suite struct ServiceErrorTests {
  private func arn(_ kind: AmazonResourceName.Kind) -> AmazonResourceName {
    AmazonResourceName(region: "eu-west-1", account: "123456789012", kind: kind, name: "N")
  }

  @Test(
    arguments: [
      (.model, "model", "model/n"), (.endpointConfig, "endpoint configuration", "endpoint-config/n"),
      (.endpoint, "endpoint", "endpoint/n"),
    ] as [(AmazonResourceName.Kind, String, String)])
  func `what the SDK searches for is in the errors`(kind: AmazonResourceName.Kind, words: String, end: String) {
    let quoted = "\"arn:aws:sagemaker:eu-west-1:123456789012:\(end)\"."
    #expect(ServiceError.couldNotFind(arn(kind)) == .validation("Could not find \(words) \(quoted)"))
    #expect(ServiceError.alreadyExists(arn(kind)) == .validation("Cannot create already existing \(words) \(quoted)"))
  }

  @Test func `training jobs keep their own errors`() {
    #expect(ServiceError.couldNotFind(arn(.trainingJob)) == .validation("Requested resource not found."))
    #expect(
      ServiceError.alreadyExists(arn(.trainingJob))
        == ServiceError(
          .resourceInUse,
          "Training job names must be unique within an AWS account and region, and a training job with this name already exists (arn:aws:sagemaker:eu-west-1:123456789012:training-job/n)"
        ))
  }

  @Test func `an endpoint that cannot be updated says why and what to do`() {
    let name = "endpoint \"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/n\""
    #expect(ServiceError.updateInProgress(arn(.endpoint)) == .validation("Cannot update in-progress \(name)."))
    #expect(
      ServiceError.cannotUpdate(arn(.endpoint), in: .failed)
        == .validation("Cannot update \(name) in status Failed. Delete it and create it again."))
    #expect(
      ServiceError.cannotUpdate(arn(.endpoint), in: .deleting)
        == .validation("Cannot update \(name) in status Deleting. Wait until it is gone and create it again."))
    #expect(
      ServiceError.unknownVariant("x", of: arn(.endpoint), known: ["a", "b"])
        == .validation("Could not find variant \"x\" of \(name). It has a, b."))
  }

  @Test func `absent model data are named`() {
    #expect(
      ServiceError.missingModelData("s3://b/m.tar.gz") == .validation("Could not find model data at s3://b/m.tar.gz"))
  }
}

@Suite struct TagRequestTests {
  @Test(arguments: ["training-job", "model", "endpoint-config", "endpoint"])
  func `every kind of resource has tags`(kind: String) throws {
    let arn = "arn:aws:sagemaker:eu-west-1:123456789012:\(kind)/n"
    #expect(try ListTagsRequest(json: ["ResourceArn": .string(arn)]).resource.description == arn)
  }

  @Test func `what has no tags is told what has`() {
    let error = serviceError { () throws(ServiceError) in
      _ = try ListTagsRequest(json: ["ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:workteam/n"])
    }
    #expect(
      error?.message.hasSuffix(
        "training jobs, models, endpoint configurations, endpoints and transform jobs have tags.") == true)
  }
}
