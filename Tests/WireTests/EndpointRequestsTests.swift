import JSONKit
import Resources
import Testing
import Wire

@Suite struct EndpointRequestsTests {
  private static let allAtOnce: JSON = [
    "BlueGreenUpdatePolicy": [
      "TrafficRoutingConfiguration": ["Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0],
      "TerminationWaitInSeconds": 0, "MaximumExecutionTimeoutInSeconds": 1800,
    ],
    "AutoRollbackConfiguration": ["Alarms": []],
  ]

  private func creationError(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    let json = JSON(["EndpointName": "words", "EndpointConfigName": "config"], changing: changes)
    return serviceError { () throws(ServiceError) in _ = try CreateEndpointRequest(json: json) }
  }

  private func updateError(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    let json = JSON(["EndpointName": "words", "EndpointConfigName": "config"], changing: changes)
    return serviceError { () throws(ServiceError) in _ = try UpdateEndpointRequest(json: json) }
  }

  @Test func `the SDK's creation is right`() throws {
    let request = try CreateEndpointRequest(json: [
      "EndpointName": "words", "EndpointConfigName": "config", "Tags": [],
    ])
    #expect(request.name == "words")
    #expect(request.configName == "config")
    #expect(request.tags.isEmpty)
  }

  @Test(
    arguments: [
      ("EndpointName", .null), ("EndpointName", "a_b"), ("EndpointConfigName", .null), ("EndpointConfigName", "-"),
    ] as [(String, JSON)])
  func `names must be names`(member: String, value: JSON) {
    #expect(creationError([member: value])?.code == .validation)
    #expect(updateError([member: value])?.code == .validation)
  }

  @Test func `a deployment with all traffic at once is what there is`() {
    #expect(creationError(["DeploymentConfig": Self.allAtOnce]) == nil)
    #expect(updateError(["DeploymentConfig": Self.allAtOnce, "RetainDeploymentConfig": true]) == nil)
    #expect(updateError(["DeploymentConfig": .object(.init())]) == nil)
  }

  @Test(
    arguments: [
      ["BlueGreenUpdatePolicy": ["TrafficRoutingConfiguration": ["Type": "CANARY", "WaitIntervalInSeconds": 1]]],
      ["BlueGreenUpdatePolicy": ["TrafficRoutingConfiguration": ["Type": "LINEAR", "WaitIntervalInSeconds": 1]]],
      [
        "BlueGreenUpdatePolicy": [
          "TrafficRoutingConfiguration": [
            "Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0, "CanarySize": ["Type": "INSTANCE_COUNT", "Value": 1],
          ]
        ]
      ],
      ["RollingUpdatePolicy": ["WaitIntervalInSeconds": 0]],
      ["AutoRollbackConfiguration": ["Alarms": [["AlarmName": "a"]]]],
    ] as [JSON])
  func `other deployments are refused with the reason`(config: JSON) {
    for error in [creationError(["DeploymentConfig": config]), updateError(["DeploymentConfig": config])] {
      let message = error?.message ?? "accepted"
      #expect(message.contains("not supported by htr: "), "\(message)")
      #expect(message.contains("all traffic moves at once") || message.contains("no CloudWatch alarms"), "\(message)")
    }
  }

  @Test(
    arguments: [
      ["BlueGreenUpdatePolicy": .object(.init())],
      ["BlueGreenUpdatePolicy": ["TrafficRoutingConfiguration": ["Type": "ALL_AT_ONCE"]]],
      ["BlueGreenUpdatePolicy": ["TrafficRoutingConfiguration": ["WaitIntervalInSeconds": 0]]],
      ["BlueGreenUpdatePolicy": ["TrafficRoutingConfiguration": ["Type": "SLOWLY", "WaitIntervalInSeconds": 0]]],
      [
        "BlueGreenUpdatePolicy": [
          "TrafficRoutingConfiguration": ["Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 3601]
        ]
      ],
      [
        "BlueGreenUpdatePolicy": [
          "TrafficRoutingConfiguration": ["Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0],
          "MaximumExecutionTimeoutInSeconds": 599,
        ]
      ],
      [
        "BlueGreenUpdatePolicy": [
          "TrafficRoutingConfiguration": ["Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0],
          "TerminationWaitInSeconds": 3601,
        ]
      ],
    ] as [JSON])
  func `a deployment that breaks a rule is refused`(config: JSON) {
    #expect(updateError(["DeploymentConfig": config])?.code == .validation)
  }

  @Test func `an update takes everything from its configuration unless it says otherwise`() throws {
    let request = try UpdateEndpointRequest(json: ["EndpointName": "words", "EndpointConfigName": "config-2"])
    #expect(request.name == "words")
    #expect(request.configName == "config-2")
    #expect(!request.retainsVariantProperties)
    #expect(request.excludedProperties.isEmpty)
  }

  @Test func `an update can keep what variants have, except for some of it`() throws {
    let request = try UpdateEndpointRequest(json: [
      "EndpointName": "words", "EndpointConfigName": "config-2", "RetainAllVariantProperties": true,
      "ExcludeRetainedVariantProperties": [
        ["VariantPropertyType": "DesiredWeight"], ["VariantPropertyType": "DataCaptureConfig"],
      ],
    ])
    #expect(request.retainsVariantProperties)
    #expect(request.excludedProperties == [.weight, .dataCapture])
  }

  @Test(
    arguments: [
      ("ExcludeRetainedVariantProperties", [["VariantPropertyType": "Colour"]]),
      ("ExcludeRetainedVariantProperties", [.object(.init())]),
      (
        "ExcludeRetainedVariantProperties",
        .array(Array(repeating: ["VariantPropertyType": "DesiredWeight"], count: 4))
      ),
      ("RetainAllVariantProperties", "yes"), ("RetainDeploymentConfig", 1),
    ] as [(String, JSON)])
  func `an update that breaks a rule is refused`(member: String, value: JSON) {
    #expect(updateError([member: value]) != nil)
  }

  @Test func `weights and counts change each by itself`() throws {
    let request = try UpdateEndpointWeightsAndCapacitiesRequest(json: [
      "EndpointName": "words",
      "DesiredWeightsAndCapacities": [
        ["VariantName": "a", "DesiredWeight": 0], ["VariantName": "b", "DesiredInstanceCount": 3],
        ["VariantName": "c", "DesiredWeight": .number(0.25), "DesiredInstanceCount": 1],
      ],
    ])
    #expect(request.name == "words")
    #expect(request.changes.map(\.variant) == ["a", "b", "c"])
    #expect(request.changes.map(\.weight) == [0, nil, 0.25])
    #expect(request.changes.map(\.instanceCount) == [nil, 3, 1])
  }

  @Test(
    arguments: [
      .null, [], [["DesiredWeight": 1]], [["VariantName": "a_b"]], [["VariantName": "a", "DesiredWeight": -1]],
      [["VariantName": "a", "DesiredInstanceCount": -1]], [["VariantName": "a", "DesiredInstanceCount": 257]],
      [["VariantName": "a", "DesiredWeight": 1], ["VariantName": "a", "DesiredWeight": 2]],
      .array((0...10).map { ["VariantName": .string("v\($0)")] }),
    ] as [JSON])
  func `changes that break a rule are refused`(changes: JSON) {
    let json = JSON(["EndpointName": "words"], changing: ["DesiredWeightsAndCapacities": changes])
    let error = serviceError { () throws(ServiceError) in
      _ = try UpdateEndpointWeightsAndCapacitiesRequest(json: json)
    }
    #expect(error?.code == .validation)
  }

  @Test(
    arguments: [
      (["VariantName": "a", "DesiredInstanceCount": 0], "keeps at least one worker"),
      (["VariantName": "a", "ServerlessUpdateConfig": ["MaxConcurrency": 1]], "ServerlessUpdateConfig"),
    ] as [(JSON, String)])
  func `changes that are not built are refused with the reason`(change: JSON, reason: String) {
    let error = serviceError { () throws(ServiceError) in
      _ = try UpdateEndpointWeightsAndCapacitiesRequest(json: [
        "EndpointName": "words", "DesiredWeightsAndCapacities": [change],
      ])
    }
    #expect(error?.message.contains("not supported by htr: ") == true)
    #expect(error?.message.contains(reason) == true)
  }
}

@Suite struct NameRequestTests {
  private typealias Reading = @Sendable (JSON) throws(ServiceError) -> String
  private static let readings: [(String, Reading)] = [
    ("ModelName", { json throws(ServiceError) in try ModelNameRequest(json: json).name }),
    ("EndpointName", { json throws(ServiceError) in try EndpointNameRequest(json: json).name }),
    ("EndpointConfigName", { json throws(ServiceError) in try EndpointConfigNameRequest(json: json).name }),
  ]

  @Test(arguments: ["a", "A-1", "a--b", String(repeating: "a", count: 63)])
  func `a request names its resource`(name: String) throws {
    for (member, read) in Self.readings {
      #expect(try read(.object(.init([(member, .string(name))]))) == name)
    }
  }

  @Test(arguments: [.null, "", "-a", "a-", "a_b", "é", .string(String(repeating: "a", count: 64))] as [JSON])
  func `what is no name is refused`(name: JSON) {
    for (member, read) in Self.readings {
      #expect(throws: ServiceError.self) { try read(.object(.init([(member, name)]))) }
    }
  }
}
