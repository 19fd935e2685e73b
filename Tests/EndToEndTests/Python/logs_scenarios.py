"""CloudWatch's logs and metrics with boto3 against a running htrd. Usage: logs_scenarios.py NAME; says on stderr what is
wrong."""

import datetime
import sys
import time

import boto3
from botocore.exceptions import ClientError

from checked_client import Faults, make_client

FAULTS = Faults()
SAGEMAKER = make_client(FAULTS)
LOGS = make_client(FAULTS, "logs")
CLOUDWATCH = make_client(FAULTS, "cloudwatch", "1.0")
GROUP = "/aws/sagemaker/TrainingJobs"
NAMESPACE = "/aws/sagemaker/TrainingJobs"


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} instead of {expected!r}")


def refused(call, code):
    try:
        call()
    except ClientError as error:
        equal(error.response["Error"]["Code"], code, "code")
        return
    raise AssertionError(f"no {code}")


def job(name, **hyperparameters):
    SAGEMAKER.create_training_job(
        TrainingJobName=name, RoleArn="arn:aws:iam::000000000000:role/htr",
        AlgorithmSpecification={"TrainingImage": "htr/mock", "TrainingInputMode": "File", "MetricDefinitions": [
            {"Name": "train:loss", "Regex": r"Train loss ([0-9\.]+)"}, {"Name": "test:loss", "Regex": r"Test loss ([0-9\.]+)"}]},
        HyperParameters={"epochs": "6", "seconds-per-epoch": "0.05", **hyperparameters},
        OutputDataConfig={"S3OutputPath": "s3://htr/"}, StoppingCondition={"MaxRuntimeInSeconds": 60},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1})
    SAGEMAKER.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def stream_of(name):
    streams = LOGS.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix=f"{name}/", orderBy="LogStreamName", limit=1)
    # The SageMaker SDK asks for ever while there is a nextToken.
    equal("nextToken" in streams, False, "nextToken")
    equal(len(streams["logStreams"]), 1, "streams")
    return streams["logStreams"][0]["logStreamName"]


def pages(stream, **request):
    """As the SDK reads: on and on, until a page has no events."""
    events, token = [], None
    forward = request.get("startFromHead", False)
    while True:
        more = {"nextToken": token} if token else {}
        page = LOGS.get_log_events(logGroupName=GROUP, logStreamName=stream, **request, **more)
        if not page["events"]:
            equal(page["nextForwardToken" if forward else "nextBackwardToken"], token or page["nextForwardToken" if forward else "nextBackwardToken"])
            return events
        events = events + page["events"] if forward else page["events"] + events
        token = page["nextForwardToken" if forward else "nextBackwardToken"]


def reading():
    """What a job printed, forward and backward, from a time on, twice the same."""
    job("printer")
    stream = stream_of("printer")
    everything = pages(stream, startFromHead=True)
    messages = [event["message"] for event in everything]
    equal(("Iteration 1" in messages, messages[-1]), (True, "Training finished"))
    equal(pages(stream, startFromHead=True, limit=3), everything, "three at a time")
    equal(pages(stream, limit=4), everything, "from the end")
    times = [event["timestamp"] for event in everything]
    equal(times, sorted(times), "times never go back")
    middle = times[len(times) // 2]
    equal(pages(stream, startFromHead=True, startTime=middle), [event for event in everything if event["timestamp"] >= middle], "since")
    equal(pages(stream, startFromHead=True, endTime=middle), [event for event in everything if event["timestamp"] < middle], "until")
    refused(lambda: LOGS.get_log_events(logGroupName=GROUP, logStreamName="nobody/algo-1-1"), "ResourceNotFoundException")
    refused(lambda: LOGS.describe_log_streams(logGroupName="/nobody"), "ResourceNotFoundException")
    refused(lambda: LOGS.get_log_events(logGroupName=GROUP, logStreamName=stream, nextToken="x"), "InvalidParameterException")
    refused(lambda: LOGS.delete_log_group(logGroupName=GROUP), "InvalidParameterException")
    refused(lambda: LOGS.describe_log_streams(logGroupName=GROUP, orderBy="LastEventTime", logStreamNamePrefix="p"), "InvalidParameterException")


def searching():
    """Over several jobs, in the order of time, page by page, each event once."""
    for name in ("one", "two"):
        job(name)
    def found(pattern, **request):
        paginator = LOGS.get_paginator("filter_log_events")
        return [event for page in paginator.paginate(logGroupName=GROUP, filterPattern=pattern, **request) for event in page["events"]]
    losses = found('"Train loss"')
    equal(len(losses), 12, "losses of two jobs")
    times = [event["timestamp"] for event in losses]
    equal(times, sorted(times), "order")
    equal(len({event["eventId"] for event in losses}), 12, "ids")
    equal(found('"Train loss"', PaginationConfig={"PageSize": 1}), losses, "one at a time")
    others = [event["message"] for event in pages(stream_of("two"), startFromHead=True)
              if "loss" in event["message"] and "Train" not in event["message"]]
    equal([event["message"] for event in found("loss -Train", logStreamNamePrefix="two/")], others, "without a word")
    equal(len(found("?Iteration ?finished", logStreamNames=[stream_of("one")])), 7, "any of two words")
    equal(found("nothing of the kind"), [])
    refused(lambda: LOGS.filter_log_events(logGroupName=GROUP, filterPattern="{ $.x = 1 }"), "InvalidParameterException")
    named = [each["logStreamName"] for each in LOGS.describe_log_streams(logGroupName=GROUP, orderBy="LastEventTime", descending=True)["logStreams"]]
    equal([name.split("/")[0] for name in named], ["two", "one"], "newest first")


def writing():
    """Groups of a client's own."""
    now = int(time.time() * 1000)
    LOGS.create_log_group(logGroupName="mine/notes")
    refused(lambda: LOGS.create_log_group(logGroupName="mine/notes"), "ResourceAlreadyExistsException")
    refused(lambda: LOGS.create_log_stream(logGroupName="mine/none", logStreamName="a"), "ResourceNotFoundException")
    LOGS.create_log_stream(logGroupName="mine/notes", logStreamName="a")
    put = lambda *events: LOGS.put_log_events(  # noqa: E731
        logGroupName="mine/notes", logStreamName="a", logEvents=[{"timestamp": now + at, "message": text} for at, text in events])
    put((0, "first"), (0, "second"), (9, "last"))
    put((5, "between"))
    refused(lambda: put((9, "late"), (0, "early")), "InvalidParameterException")
    got = LOGS.get_log_events(logGroupName="mine/notes", logStreamName="a", startFromHead=True)["events"]
    equal([event["message"] for event in got], ["first", "second", "between", "last"])
    stream = LOGS.describe_log_streams(logGroupName="mine/notes")["logStreams"][0]
    equal((stream["firstEventTimestamp"], stream["lastEventTimestamp"]), (now, now + 9))
    equal([event["message"] for event in LOGS.filter_log_events(logGroupName="mine/notes", filterPattern="st")["events"]], ["first", "last"])
    equal("mine/notes" in [each["logGroupName"] for each in LOGS.describe_log_groups(logGroupNamePrefix="mine")["logGroups"]], True)
    put((-3 * 86_400_000, "old"))
    LOGS.put_retention_policy(logGroupName="mine/notes", retentionInDays=1)
    texts = lambda: [event["message"] for event in LOGS.filter_log_events(logGroupName="mine/notes")["events"]]  # noqa: E731
    equal(texts(), ["first", "second", "between", "last"], "what is old went")
    equal(LOGS.describe_log_groups(logGroupNamePrefix="mine")["logGroups"][0]["retentionInDays"], 1)
    put((-2 * 86_400_000, "old again"))
    equal(len(texts()), 4, "too old from the start")
    LOGS.delete_retention_policy(logGroupName="mine/notes")
    put((-2 * 86_400_000, "old again"))
    equal(texts()[0], "old again", "kept for ever")
    refused(lambda: LOGS.put_retention_policy(logGroupName="mine/notes", retentionInDays=2), "InvalidParameterException")
    refused(lambda: LOGS.put_retention_policy(logGroupName="mine/none", retentionInDays=1), "ResourceNotFoundException")
    LOGS.delete_log_stream(logGroupName="mine/notes", logStreamName="a")
    refused(lambda: LOGS.get_log_events(logGroupName="mine/notes", logStreamName="a"), "ResourceNotFoundException")
    LOGS.delete_log_group(logGroupName="mine/notes")
    refused(lambda: LOGS.delete_log_group(logGroupName="mine/notes"), "ResourceNotFoundException")


def measuring():
    """A job's series as CloudWatch tells them."""
    job("measured")
    final = {each["MetricName"]: each["Value"] for each in SAGEMAKER.describe_training_job(TrainingJobName="measured")["FinalMetricDataList"]}
    dimensions = [{"Name": "TrainingJobName", "Value": "measured"}]
    names = [each["MetricName"] for each in CLOUDWATCH.list_metrics(Namespace=NAMESPACE, Dimensions=dimensions)["Metrics"]]
    equal({"train:loss", "test:loss"} <= set(names), True, names)
    now = datetime.datetime.now(datetime.timezone.utc)
    asked = {"Namespace": NAMESPACE, "MetricName": "train:loss", "Dimensions": dimensions,
             "StartTime": now - datetime.timedelta(minutes=5), "EndTime": now + datetime.timedelta(minutes=1)}
    kinds = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"]
    points = CLOUDWATCH.get_metric_statistics(Period=3600, Statistics=kinds, **asked)["Datapoints"]
    equal(sum(point["SampleCount"] for point in points), 6.0, "measurements")
    equal(round(min(point["Minimum"] for point in points), 9), round(final["train:loss"], 9), "the last loss is the least")
    for point in points:
        equal(round(point["Sum"] / point["SampleCount"], 9), round(point["Average"], 9))
        equal(point["Timestamp"].timestamp() % 3600, 0.0)
    data = CLOUDWATCH.get_metric_data(
        StartTime=asked["StartTime"], EndTime=asked["EndTime"], ScanBy="TimestampAscending",
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": {key: asked[key] for key in ("Namespace", "MetricName", "Dimensions")},
                                                     "Period": 1, "Stat": "SampleCount"}}])["MetricDataResults"][0]
    equal((sum(data["Values"]), data["Label"], data["Timestamps"] == sorted(data["Timestamps"])), (6.0, "train:loss", True))
    equal(CLOUDWATCH.get_metric_statistics(Period=60, Statistics=["Average"], **{**asked, "MetricName": "none"})["Datapoints"], [])
    refused(lambda: CLOUDWATCH.get_metric_statistics(
        Period=1, Statistics=["Average"], **{**asked, "StartTime": now - datetime.timedelta(days=1)}), "InvalidParameterValue")
    refused(lambda: CLOUDWATCH.get_metric_statistics(Period=61, Statistics=["Average"], **asked), "InvalidParameterValue")


def measuring_by_query():
    """The same with a client from before CloudWatch's change to JSON: the model that botocore had then, form and XML."""
    session = boto3.session.Session()
    loader = session._session.get_component("data_loader")
    load = loader.load_service_model

    def older(name, kind, **rest):
        model = load(name, kind, **rest)
        if (name, kind) != ("cloudwatch", "service-2"):
            return model
        metadata = {key: value for key, value in model["metadata"].items() if key != "awsQueryCompatible"}
        return {**model, "metadata": {**metadata, "protocol": "query", "protocols": ["query"]}}

    loader.load_service_model = older
    global CLOUDWATCH
    CLOUDWATCH = session.client("cloudwatch")
    equal(CLOUDWATCH.meta.service_model.protocol, "query")
    measuring()


SCENARIOS = {each.__name__: each for each in (reading, searching, writing, measuring, measuring_by_query)}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]]()
    if FAULTS:
        sys.exit("\n".join(FAULTS))
