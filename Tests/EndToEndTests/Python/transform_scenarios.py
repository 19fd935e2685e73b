"""What people do with boto3 and batch transform, against a running htrd. Usage: transform_scenarios.py NAME."""

import sys

from botocore.exceptions import WaiterError

from endpoint_scenarios import ACCOUNT, make_model
from scenarios import FAULTS, QUICK, SAGEMAKER, equal, refused

SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://htr/data/"}}


def request(name, **changes):
    return {
        "TransformJobName": name, "ModelName": "Pages",
        "TransformInput": {"DataSource": SOURCE, "ContentType": "text/plain", **changes.pop("TransformInput", {})},
        "TransformOutput": {"S3OutputPath": f"s3://htr/{name}", **changes.pop("TransformOutput", {})},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **changes,
    }


def transform(name, **changes):
    return SAGEMAKER.create_transform_job(**request(name, **changes))["TransformJobArn"]


def wait(name):
    SAGEMAKER.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name, WaiterConfig=QUICK)
    return SAGEMAKER.describe_transform_job(TransformJobName=name)


def lifecycle():
    """Create, wait by the waiter, and find everything that was asked for in the description."""
    make_model("Pages")
    asked = request(
        "Whole-Story", MaxConcurrentTransforms=2, MaxPayloadInMB=5, BatchStrategy="SingleRecord",
        ModelClientConfig={"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 1}, Environment={"MODE": "batch"},
        TransformInput={"SplitType": "Line", "CompressionType": "None"},
        TransformOutput={"Accept": "application/json", "AssembleWith": "Line", "KmsKeyId": ""},
        DataProcessing={"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"})
    arn = SAGEMAKER.create_transform_job(**asked, Tags=[{"Key": "team", "Value": "paper"}])["TransformJobArn"]
    equal(arn, f"{ACCOUNT}:transform-job/whole-story", "ARN in lower case")
    job = wait("Whole-Story")
    equal(job["TransformJobStatus"], "Completed")
    for member, value in asked.items():
        equal(job[member], value, member)
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"], job
    equal(SAGEMAKER.list_tags(ResourceArn=arn)["Tags"], [{"Key": "team", "Value": "paper"}])
    SAGEMAKER.delete_model(ModelName="Pages")
    equal(SAGEMAKER.describe_transform_job(TransformJobName="Whole-Story")["ModelName"], "Pages")


def refusals():
    refused(lambda: transform("early"), "ValidationException", "Could not find model")
    make_model("Pages")
    transform("Taken")
    refused(lambda: transform("Taken"), "ResourceInUse", "already exists")
    refused(lambda: transform("taken"), "ResourceInUse", "already exists")
    wait("Taken")
    refused(lambda: SAGEMAKER.stop_transform_job(TransformJobName="Taken"), "ValidationException", "Completed")
    for call in (SAGEMAKER.describe_transform_job, SAGEMAKER.stop_transform_job):
        refused(lambda: call(TransformJobName="nobody"), "ValidationException", "Could not find requested job with name: nobody")
    refused(lambda: transform("a", DataProcessing={"InputFilter": "$.features"}), "ValidationException", "DataProcessing.InputFilter")
    refused(lambda: transform("b", DataProcessing={"JoinSource": "Input"}), "ValidationException", "DataProcessing.JoinSource")
    refused(lambda: transform("c", TransformInput={"SplitType": "RecordIO"}), "ValidationException", "SplitType RecordIO")
    refused(lambda: transform("d", MaxPayloadInMB=50, MaxConcurrentTransforms=3), "ValidationException", "must not exceed 100")
    refused(lambda: transform("e", DataCaptureConfig={"DestinationS3Uri": "s3://htr/x"}), "ValidationException", "DataCaptureConfig")
    equal([row["TransformJobName"] for row in SAGEMAKER.list_transform_jobs()["TransformJobSummaries"]], ["Taken"])


def lists_and_tags():
    make_model("Pages")
    arns = [transform(name) for name in ("First", "second", "third")]
    for name in ("First", "second", "third"):
        wait(name)
    equal([row["TransformJobName"] for row in SAGEMAKER.list_transform_jobs()["TransformJobSummaries"]], ["third", "second", "First"], "newest first")
    named = SAGEMAKER.list_transform_jobs(NameContains="r", SortBy="Name", SortOrder="Ascending", StatusEquals="Completed")
    equal([row["TransformJobName"] for row in named["TransformJobSummaries"]], ["First", "third"])
    pages = SAGEMAKER.get_paginator("list_transform_jobs").paginate(PaginationConfig={"PageSize": 2})
    equal([row["TransformJobName"] for page in pages for row in page["TransformJobSummaries"]], ["third", "second", "First"])
    SAGEMAKER.add_tags(ResourceArn=arns[0], Tags=[{"Key": "team", "Value": "paper"}])
    equal(SAGEMAKER.list_tags(ResourceArn=arns[0])["Tags"], [{"Key": "team", "Value": "paper"}])


def failure():
    """The waiter ends at once when a job fails; one that is stopped is no failure."""
    make_model("Pages", HTR_MOCK_START_EXIT="9")
    transform("Dying")
    try:
        wait("Dying")
        raise AssertionError("a job without workers was completed")
    except WaiterError as error:
        equal(error.last_response["TransformJobStatus"], "Failed")
    reason = SAGEMAKER.describe_transform_job(TransformJobName="Dying")["FailureReason"]
    assert "ping health check" in reason and "exit code 9" in reason, reason
    equal(SAGEMAKER.list_transform_jobs(StatusEquals="Failed")["TransformJobSummaries"][0]["FailureReason"], reason)
    transform("Slow", Environment={"HTR_MOCK_START_SECONDS": "60"})
    SAGEMAKER.stop_transform_job(TransformJobName="Slow")
    equal(wait("Slow")["TransformJobStatus"], "Stopped")


if __name__ == "__main__":
    {each.__name__: each for each in (lifecycle, refusals, lists_and_tags, failure)}[sys.argv[1]]()
    if FAULTS:
        sys.exit("answers that do not fit botocore's model:\n" + "\n".join(sorted(set(FAULTS))))
