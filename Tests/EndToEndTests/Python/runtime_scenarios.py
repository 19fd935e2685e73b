"""Response streams and asynchronous invocations with boto3, against a running htrd. Usage: runtime_scenarios.py NAME."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

from endpoint_scenarios import RUNTIME, SAGEMAKER, deploy, gone, in_service, make_model, variant
from scenarios import FAULTS, equal, refused

S3 = boto3.client("s3")
BUCKET = "answers"


def deploy_async(name, most=2, **environment):
    make_model(name, **environment)
    SAGEMAKER.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant(name)],
        AsyncInferenceConfig={
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": most},
            "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out", "S3FailurePath": f"s3://{BUCKET}/failed"}})
    SAGEMAKER.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return in_service(name)


def parts(uri):
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    return {"Bucket": bucket, "Key": key}


def wait_for(uri, seconds=30):
    """The object at this place, once it is there."""
    S3.get_waiter("object_exists").wait(**parts(uri), WaiterConfig={"Delay": 1, "MaxAttempts": seconds})
    return S3.get_object(**parts(uri))


def absent(uri):
    try:
        S3.head_object(**parts(uri))
    except ClientError as error:
        return error.response["Error"]["Code"] == "404"
    return False


def put(key, body):
    S3.put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def streams():
    """InvokeEndpointWithResponseStream: the parts make up what InvokeEndpoint answers."""
    deploy("Stream")
    answer = RUNTIME.invoke_endpoint_with_response_stream(
        EndpointName="Stream", Body=b"hello", ContentType="text/plain", Accept="application/json")
    equal([answer["ContentType"], answer["InvokedProductionVariant"]], ["application/json", "AllTraffic"])
    content = json.loads(b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"]))
    equal([content["bytes"], content["content_type"], content["accept"]], [5, "text/plain", "application/json"])
    refused(lambda: RUNTIME.invoke_endpoint_with_response_stream(EndpointName="Nothing", Body=b"x"),
            "ValidationError", "not found")


def asynchronous():
    """Input and output lie in S3; failures have a place of their own."""
    S3.create_bucket(Bucket=BUCKET)
    record = deploy_async("Later")
    equal(record["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"], f"s3://{BUCKET}/out")
    config = SAGEMAKER.describe_endpoint_config(EndpointConfigName="Later")
    equal(config["AsyncInferenceConfig"]["ClientConfig"], {"MaxConcurrentInvocationsPerInstance": 2})
    # The SDK deletes the configuration first: the endpoint keeps what it was made with.
    SAGEMAKER.delete_endpoint_config(EndpointConfigName="Later")

    uri = put("in/page 1.txt", b"hello")
    answer = RUNTIME.invoke_endpoint_async(
        EndpointName="Later", InputLocation=uri, ContentType="text/plain", Accept="application/json", InferenceId="mine")
    equal([answer["InferenceId"], answer["ResponseMetadata"]["HTTPStatusCode"]], ["mine", 202])
    assert answer["OutputLocation"].startswith(f"s3://{BUCKET}/out/"), answer
    assert answer["FailureLocation"].startswith(f"s3://{BUCKET}/failed/"), answer
    there = wait_for(answer["OutputLocation"])
    content = json.loads(there["Body"].read())
    equal([content["bytes"], content["content_type"], content["accept"]], [5, "text/plain", "application/json"])
    equal(there["ContentType"], "application/json")
    assert absent(answer["FailureLocation"])

    lost = RUNTIME.invoke_endpoint_async(EndpointName="Later", InputLocation=f"s3://{BUCKET}/in/none")
    reason = wait_for(lost["FailureLocation"])["Body"].read().decode()
    assert "in/none" in reason, reason
    assert absent(lost["OutputLocation"])

    many = [RUNTIME.invoke_endpoint_async(EndpointName="Later", InputLocation=uri)["OutputLocation"] for _ in range(20)]
    equal(len({json.loads(wait_for(each)["Body"].read())["bytes"] for each in many}), 1)
    SAGEMAKER.delete_endpoint(EndpointName="Later")
    gone("Later")


def refusals():
    """What cannot be done is said, in the runtime's own form."""
    S3.create_bucket(Bucket=BUCKET)
    deploy("Now")
    place = f"s3://{BUCKET}/x"
    refused(lambda: RUNTIME.invoke_endpoint_async(EndpointName="Now", InputLocation=place), "ValidationError", "AsyncInferenceConfig")
    refused(lambda: RUNTIME.invoke_endpoint_async(EndpointName="None", InputLocation=place), "ValidationError", "not found")
    refused(lambda: SAGEMAKER.create_endpoint_config(
        EndpointConfigName="Nowhere", ProductionVariants=[variant("Now")],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://A/out"}}), "ValidationException", "s3://A/out")
    deploy_async("Later")
    refused(lambda: RUNTIME.invoke_endpoint_async(EndpointName="Later", InputLocation="https://elsewhere/x"), "ValidationError", "InputLocation")
    refused(lambda: RUNTIME.invoke_endpoint_async(EndpointName="Later", InputLocation=place, RequestTTLSeconds=21601), "ValidationError", "21600")


if __name__ == "__main__":
    {each.__name__: each for each in (streams, asynchronous, refusals)}[sys.argv[1]]()
    if FAULTS:
        sys.exit("answers that do not fit botocore's model:\n" + "\n".join(sorted(set(FAULTS))))
