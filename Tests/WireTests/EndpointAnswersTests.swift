import HostKit
import JSONKit
import Resources
import Testing
import Wire

@Suite struct EndpointAnswersTests {
  private func images(at seconds: Double) -> JSON {
    [["SpecifiedImage": "htr/script", "ResolvedImage": "htr/script", "ResolutionTime": .number(seconds)]]
  }

  private func deployedEndpoint(_ status: EndpointStatus = .inService) -> Endpoint {
    var endpoint = Endpoint.fixture()
    endpoint.status = status
    endpoint.deployed = .fixture(1, config: "config-1", [.fixture("a", count: 2), .fixture("b", weight: 3)])
    endpoint.lastDeployment = 1
    return endpoint
  }

  private func variant(_ answer: JSON, _ index: Int) -> JSON? { answer["ProductionVariants"]?[index] }

  @Test func `an endpoint in service shows its variants`() {
    let answer = deployedEndpoint().describeJSON(currentCounts: ["a": 1, "b": 1])
    #expect(
      answer
        == [
          "EndpointName": "Words", "EndpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/words",
          "EndpointConfigName": "config-1", "EndpointStatus": "InService", "CreationTime": .number(2.5),
          "LastModifiedTime": .number(2.5),
          "ProductionVariants": [
            [
              "VariantName": "a", "DeployedImages": images(at: 10), "CurrentWeight": .number(1),
              "DesiredWeight": .number(1), "CurrentInstanceCount": 1, "DesiredInstanceCount": 2,
            ],
            [
              "VariantName": "b", "DeployedImages": images(at: 10), "CurrentWeight": .number(3),
              "DesiredWeight": .number(3), "CurrentInstanceCount": 1, "DesiredInstanceCount": 1,
            ],
          ],
        ])
  }

  @Test func `an endpoint that is being created has a pending deployment and no variants yet`() {
    var endpoint = Endpoint.fixture()
    endpoint.incoming = .fixture(1, config: "config-1", [.fixture()])
    let answer = endpoint.describeJSON(currentCounts: [:])
    #expect(answer["EndpointStatus"] == "Creating")
    #expect(answer["EndpointConfigName"] == "config-1")
    #expect(answer["ProductionVariants"] == nil)
    #expect(
      answer["PendingDeploymentSummary"]
        == [
          "EndpointConfigName": "config-1", "StartTime": .number(10),
          "ProductionVariants": [
            [
              "VariantName": "AllTraffic", "DeployedImages": images(at: 10), "DesiredWeight": .number(1),
              "DesiredInstanceCount": 1, "InstanceType": "ml.m5.large",
            ]
          ],
        ])
  }

  @Test func `an update shows what serves and what is on its way`() {
    var endpoint = deployedEndpoint(.updating)
    endpoint.incoming = .fixture(2, config: "config-2", [.fixture("a", count: 9)])
    let answer = endpoint.describeJSON(currentCounts: ["a": 2])
    #expect(answer["EndpointConfigName"] == "config-1")
    #expect(variant(answer, 0)?["DesiredInstanceCount"] == 2)
    #expect(variant(answer, 1)?["CurrentInstanceCount"] == 0)
    #expect(answer["PendingDeploymentSummary"]?["EndpointConfigName"] == "config-2")
  }

  @Test func `a new size shows as what is desired`() {
    var endpoint = deployedEndpoint(.updating)
    endpoint.incoming = .fixture(1, config: "config-1", [.fixture("a", count: 5, weight: 0), .fixture("b", weight: 3)])
    let answer = endpoint.describeJSON(currentCounts: ["a": 3, "b": 1])
    #expect(variant(answer, 0)?["CurrentInstanceCount"] == 3)
    #expect(variant(answer, 0)?["DesiredInstanceCount"] == 5)
    #expect(variant(answer, 0)?["CurrentWeight"] == .number(1))
    #expect(variant(answer, 0)?["DesiredWeight"] == .number(0))
    #expect(answer["PendingDeploymentSummary"] == nil)
  }

  @Test func `a failed endpoint says why and has nothing pending`() {
    var endpoint = Endpoint.fixture()
    endpoint.incoming = .fixture(1, config: "config-1", [.fixture()])
    endpoint.status = .failed
    endpoint.failureReason = "The worker ended."
    let answer = endpoint.describeJSON(currentCounts: [:])
    #expect(answer["FailureReason"] == "The worker ended.")
    #expect(answer["EndpointConfigName"] == "config-1")
    #expect(answer["PendingDeploymentSummary"] == nil)
  }

  @Test func `an update that was rolled back says why`() {
    var endpoint = deployedEndpoint()
    endpoint.failureReason = "The new workers were not healthy in time."
    let answer = endpoint.describeJSON(currentCounts: [:])
    #expect(answer["EndpointStatus"] == "InService")
    #expect(answer["FailureReason"] == "The new workers were not healthy in time.")
  }

  @Test func `a row of the list is short`() {
    #expect(
      deployedEndpoint().summaryJSON
        == [
          "EndpointName": "Words", "EndpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/words",
          "CreationTime": .number(2.5), "LastModifiedTime": .number(2.5), "EndpointStatus": "InService",
        ])
  }

  @Test func `a model is described as it was asked for`() throws {
    let request = try CreateModelRequest(json: [
      "ModelName": "Model-1", "PrimaryContainer": ["Image": "htr/script", "Environment": ["A": "b"]],
      "ExecutionRoleArn": "arn:aws:iam::123456789012:role/r", "VpcConfig": .object(.init()),
    ])
    let model = Model.fixture("Model-1", request: request.json)
    let arn: JSON = "arn:aws:sagemaker:eu-west-1:123456789012:model/model-1"
    #expect(
      model.describeJSON
        == [
          "ModelName": "Model-1", "ModelArn": arn, "CreationTime": .number(1.5), "EnableNetworkIsolation": false,
          "ExecutionRoleArn": "arn:aws:iam::123456789012:role/r",
          "PrimaryContainer": ["Image": "htr/script", "Environment": ["A": "b"], "Mode": "SingleModel"],
        ])
    #expect(model.summaryJSON == ["ModelName": "Model-1", "ModelArn": arn, "CreationTime": .number(1.5)])
  }

  @Test func `a configuration is described as it was asked for`() throws {
    let variants: JSON = [
      [
        "VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1, "InitialVariantWeight": 1,
        "InstanceType": "local", "VolumeSizeInGB": 5,
      ]
    ]
    let request = try CreateEndpointConfigRequest(json: ["EndpointConfigName": "C", "ProductionVariants": variants])
    let config = EndpointConfig(
      id: 1, name: "C", region: "eu-west-1", account: "123456789012", request: request.json,
      variants: request.variants, createdAt: Timestamp(milliseconds: 1_500))
    let arn: JSON = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/c"
    #expect(
      config.describeJSON
        == [
          "EndpointConfigName": "C", "EndpointConfigArn": arn, "ProductionVariants": variants,
          "CreationTime": .number(1.5), "EnableNetworkIsolation": false,
        ])
    #expect(
      config.summaryJSON == ["EndpointConfigName": "C", "EndpointConfigArn": arn, "CreationTime": .number(1.5)])
  }
}
