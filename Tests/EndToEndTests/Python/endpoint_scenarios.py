"""What people do with boto3 and endpoints, against a running htrd. Usage: endpoint_scenarios.py NAME."""

import io
import json
import sys
import threading

import boto3
from botocore.exceptions import ClientError, WaiterError

from scenarios import FAULTS, SAGEMAKER, create, describe, equal, refused, wait

RUNTIME = boto3.client("sagemaker-runtime")
ROLE = "arn:aws:iam::000000000000:role/htr"
ACCOUNT = "arn:aws:sagemaker:us-east-1:000000000000"
QUICK = {"Delay": 1, "MaxAttempts": 30}


def train(name, seed="0"):
    """A mock job; where its model is."""
    create(name, hyperparameters={"seed": seed})
    wait(name)
    return describe(name)["ModelArtifacts"]["S3ModelArtifacts"]


def make_model(name, seed="0", **environment):
    container = {"Image": "htr/mock", "ModelDataUrl": train(f"{name}-job", seed), "Environment": environment}
    return SAGEMAKER.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)["ModelArn"]


def variant(model, name="AllTraffic", count=1, weight=1.0):
    return {"VariantName": name, "ModelName": model, "InitialInstanceCount": count, "InitialVariantWeight": weight,
            "InstanceType": "ml.m5.large"}


def make_config(name, *variants):
    return SAGEMAKER.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants))["EndpointConfigArn"]


def in_service(name):
    SAGEMAKER.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=QUICK)
    return SAGEMAKER.describe_endpoint(EndpointName=name)


def deploy(name, **environment):
    make_model(name, **environment)
    make_config(name, variant(name))
    SAGEMAKER.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return in_service(name)


def gone(name):
    SAGEMAKER.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=QUICK)


def invoke(name, body=b"hello", **more):
    answer = RUNTIME.invoke_endpoint(EndpointName=name, Body=body, **more)
    return answer, json.loads(answer["Body"].read())


def lifecycle():
    """Train, deploy, wait, invoke, update, scale and delete, in the SDK's order."""
    arn = make_model("Words", tags="kept")
    equal(arn, f"{ACCOUNT}:model/words", "ARN in lower case")
    model = SAGEMAKER.describe_model(ModelName="Words")
    equal(model["PrimaryContainer"]["Image"], "htr/mock")
    equal(model["PrimaryContainer"]["Environment"], {"tags": "kept"})
    config = make_config("Words", variant("Words"))
    equal(SAGEMAKER.describe_endpoint_config(EndpointConfigName="Words")["ProductionVariants"][0]["ModelName"], "Words")
    endpoint = SAGEMAKER.create_endpoint(EndpointName="Words", EndpointConfigName="Words", Tags=[{"Key": "a", "Value": "b"}])
    equal(endpoint["EndpointArn"], f"{ACCOUNT}:endpoint/words")
    record = in_service("Words")
    shown = record["ProductionVariants"][0]
    equal([shown[each] for each in ("VariantName", "CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount")],
          ["AllTraffic", 1.0, 1.0, 1, 1])
    equal(shown["DeployedImages"][0]["SpecifiedImage"], "htr/mock")
    answer, content = invoke("Words", ContentType="text/plain", Accept="application/json", CustomAttributes="c000-1")
    equal([content["bytes"], content["content_type"], content["accept"]], [5, "text/plain", "application/json"])
    equal([answer["InvokedProductionVariant"], answer["CustomAttributes"], answer["ContentType"]],
          ["AllTraffic", "c000-1", "application/json"])
    before = content["model_sha256"]

    make_model("Next", seed="7")
    make_config("Next", variant("Next"))
    SAGEMAKER.update_endpoint(EndpointName="Words", EndpointConfigName="Next")
    equal(in_service("Words")["EndpointConfigName"], "Next")
    assert invoke("Words")[1]["model_sha256"] != before
    SAGEMAKER.update_endpoint_weights_and_capacities(
        EndpointName="Words", DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredWeight": 2, "DesiredInstanceCount": 2}])
    shown = in_service("Words")["ProductionVariants"][0]
    equal([shown["CurrentWeight"], shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]], [2.0, 2, 2])

    # Predictor.delete_endpoint deletes the configuration first.
    SAGEMAKER.delete_endpoint_config(EndpointConfigName="Next")
    equal(invoke("Words")[0]["ResponseMetadata"]["HTTPStatusCode"], 200)
    SAGEMAKER.delete_endpoint(EndpointName="Words")
    gone("Words")
    SAGEMAKER.delete_model(ModelName="Words")
    refused(lambda: SAGEMAKER.describe_model(ModelName="Words"), "ValidationException", f'Could not find model "{ACCOUNT}:model/words".')
    equal(SAGEMAKER.list_endpoints()["Endpoints"], [])


def refusals():
    """The exact words that clients look for."""
    deploy("Taken")
    for call, what in (
        (lambda: SAGEMAKER.create_model(ModelName="Taken", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "htr/command"}), "model"),
        (lambda: make_config("Taken", variant("Taken")), "endpoint configuration"),
        (lambda: SAGEMAKER.create_endpoint(EndpointName="Taken", EndpointConfigName="Taken"), "endpoint"),
    ):
        kind = "endpoint-config" if "config" in what else what
        refused(call, "ValidationException", f'Cannot create already existing {what} "{ACCOUNT}:{kind}/taken".')
    for call, what, kind in (
        (lambda: SAGEMAKER.delete_model(ModelName="None"), "model", "model"),
        (lambda: SAGEMAKER.describe_endpoint_config(EndpointConfigName="None"), "endpoint configuration", "endpoint-config"),
        (lambda: SAGEMAKER.create_endpoint(EndpointName="x", EndpointConfigName="None"), "endpoint configuration", "endpoint-config"),
        (lambda: SAGEMAKER.describe_endpoint(EndpointName="None"), "endpoint", "endpoint"),
        (lambda: SAGEMAKER.delete_endpoint(EndpointName="None"), "endpoint", "endpoint"),
        (lambda: SAGEMAKER.update_endpoint(EndpointName="None", EndpointConfigName="Taken"), "endpoint", "endpoint"),
        (lambda: make_config("x", variant("None")), "model", "model"),
    ):
        refused(call, "ValidationException", f'Could not find {what} "{ACCOUNT}:{kind}/none".')
    refused(lambda: SAGEMAKER.create_model(ModelName="x", ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": "htr/mock", "ModelDataUrl": "s3://htr/nothing.tar.gz"}), "ValidationException", "Could not find model data at s3://htr/nothing.tar.gz")
    refused(lambda: SAGEMAKER.create_model(ModelName="x", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "nobody/knows:1"}),
            "ValidationException", "No runtime is known that serves the image 'nobody/knows:1'")
    refused(lambda: SAGEMAKER.update_endpoint_weights_and_capacities(
        EndpointName="Taken", DesiredWeightsAndCapacities=[{"VariantName": "Nobody", "DesiredWeight": 1}]), "ValidationException", "Nobody")
    try:
        SAGEMAKER.get_waiter("endpoint_in_service").wait(EndpointName="None", WaiterConfig=QUICK)
        raise AssertionError("waited for an endpoint that is not there")
    except WaiterError:
        pass


def failing_requests():
    deploy("Asked")
    refused(lambda: invoke("Nobody"), "ValidationError", "Endpoint Nobody of account 000000000000 not found.")
    refused(lambda: invoke("Asked", TargetVariant="Nobody"), "ValidationError", "Nobody")
    refused(lambda: invoke("Asked", bytes(6291457)), "RequestEntityTooLargeException", "HTTP content length exceeded 6291456 bytes.", 413)
    try:
        invoke("Asked", CustomAttributes="mock:status=500")
        raise AssertionError("an error of the worker was no error")
    except ClientError as error:
        equal(error.response["Error"]["Code"], "ModelError")
        equal([error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["OriginalStatusCode"]], [424, 500])
        assert error.response["Error"]["Message"].startswith("Received server error (500) from primary with message ")
        assert error.response["LogStreamArn"].startswith("arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/Asked")
    equal(invoke("Asked", bytes(6291456))[1]["bytes"], 6291456)
    equal(RUNTIME.invoke_endpoint(EndpointName="Asked", Body=io.BytesIO(b"streamed"), ContentType="application/x-echo")["Body"].read(), b"streamed")


def lists_and_tags():
    deploy("First", a="1")
    for name in ("second", "third"):
        make_config(name, variant("First"))
        SAGEMAKER.create_endpoint(EndpointName=name, EndpointConfigName=name)
        in_service(name)
    equal([row["EndpointName"] for row in SAGEMAKER.list_endpoints()["Endpoints"]], ["third", "second", "First"], "newest first")
    equal([row["EndpointName"] for row in SAGEMAKER.list_endpoints(NameContains="r", SortBy="Name", SortOrder="Ascending")["Endpoints"]], ["First", "third"])
    equal(SAGEMAKER.list_endpoints(StatusEquals="Failed")["Endpoints"], [])
    pages = SAGEMAKER.get_paginator("list_endpoint_configs").paginate(PaginationConfig={"PageSize": 1})
    equal([row["EndpointConfigName"] for page in pages for row in page["EndpointConfigs"]], ["third", "second", "First"])
    equal([row["ModelName"] for row in SAGEMAKER.list_models()["Models"]], ["First"])
    for arn in (f"{ACCOUNT}:model/first", f"{ACCOUNT}:endpoint-config/first", f"{ACCOUNT}:endpoint/first"):
        equal(SAGEMAKER.list_tags(ResourceArn=arn)["Tags"], [])
        SAGEMAKER.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "paper"}])
        equal(SAGEMAKER.list_tags(ResourceArn=arn)["Tags"], [{"Key": "team", "Value": "paper"}])
        SAGEMAKER.delete_tags(ResourceArn=arn, TagKeys=["team"])


def failure():
    """A waiter ends at once when an endpoint fails, and the endpoint can be deleted by its waiter."""
    make_model("Dying", HTR_MOCK_START_EXIT="9")
    make_config("Dying", variant("Dying"))
    SAGEMAKER.create_endpoint(EndpointName="Dying", EndpointConfigName="Dying")
    try:
        in_service("Dying")
        raise AssertionError("an endpoint without workers came into service")
    except WaiterError as error:
        equal(error.last_response["EndpointStatus"], "Failed")
    reason = SAGEMAKER.describe_endpoint(EndpointName="Dying")["FailureReason"]
    assert "ping health check" in reason and "exit code 9" in reason, reason
    refused(lambda: SAGEMAKER.update_endpoint(EndpointName="Dying", EndpointConfigName="Dying"), "ValidationException", "Failed")
    SAGEMAKER.delete_endpoint(EndpointName="Dying")
    gone("Dying")


def race():
    """Of many who create one endpoint exactly one wins."""
    deploy("Model")
    outcomes = []

    def compete():
        try:
            SAGEMAKER.create_endpoint(EndpointName="one", EndpointConfigName="Model")
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=compete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(sorted(outcomes), ["ValidationException"] * 7 + ["won"])


if __name__ == "__main__":
    {each.__name__: each for each in (
        lifecycle, refusals, failing_requests, lists_and_tags, failure, race)}[sys.argv[1]]()
    if FAULTS:
        sys.exit("answers that do not fit botocore's model:\n" + "\n".join(sorted(set(FAULTS))))
