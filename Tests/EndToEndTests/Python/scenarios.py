"""What people do with boto3, against a running htrd. Usage: scenarios.py NAME; says on stderr what is wrong."""

import datetime
import sys
import threading
import time

from botocore.exceptions import ClientError, WaiterError

from checked_client import Faults, make_client

FAULTS = Faults()
SAGEMAKER = make_client(FAULTS)
QUICK = {"Delay": 1, "MaxAttempts": 30}
MISSING = ("ValidationException", "Requested resource not found.")


def request(name, **changes):
    """A small mock job; `hyperparameters` go into it, other arguments replace whole members."""
    hyperparameters = {"epochs": "1", "seconds-per-epoch": "0", **changes.pop("hyperparameters", {})}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "htr/mock", "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::000000000000:role/SageMaker-Execution",
        "OutputDataConfig": {"S3OutputPath": "s3://models/here/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "HyperParameters": hyperparameters,
        **changes,
    }


def create(name, **changes):
    return SAGEMAKER.create_training_job(**request(name, **changes))["TrainingJobArn"]


def describe(name):
    return SAGEMAKER.describe_training_job(TrainingJobName=name)


def wait(name):
    SAGEMAKER.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig=QUICK)


def wait_for(name, status):
    """Polls as a client without events must."""
    for _ in range(400):
        job = describe(name)
        if job["SecondaryStatus"] == status:
            return job
        time.sleep(0.02)
    raise AssertionError(f"{name} is {job['SecondaryStatus']}, not {status}")


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} instead of {expected!r}")


def refused(call, code, text=None, status=400):
    """The call must fail with this code, and this text or a part of it."""
    try:
        call()
    except ClientError as error:
        equal(error.response["Error"]["Code"], code, "error code")
        equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, "status")
        message = error.response["Error"]["Message"]
        if text and text not in message:
            raise AssertionError(f"{message!r} does not say {text!r}")
        return
    raise AssertionError(f"accepted instead of {code} {text or ''}")


def lifecycle():
    asked = request(
        "Whole-Story",
        hyperparameters={"output-files": "2"},
        AlgorithmSpecification={
            "TrainingImage": "htr/mock", "TrainingInputMode": "File", "EnableSageMakerMetricsTimeSeries": True,
            "MetricDefinitions": [{"Name": "train:loss", "Regex": r"Train loss ([0-9.]+)"}, {"Name": "never", "Regex": "nothing (.*)"}]},
        InputDataConfig=[{
            "ChannelName": "train", "ContentType": "text/plain", "CompressionType": "None", "RecordWrapperType": "None", "InputMode": "FastFile",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://htr/data/", "S3DataDistributionType": "FullyReplicated"}}}],
        CheckpointConfig={"S3Uri": "s3://models/checkpoints"},
        Environment={"MODE": "fast"},
        RetryStrategy={"MaximumRetryAttempts": 2},
        DebugHookConfig={"S3OutputPath": "s3://models/debug", "CollectionConfigurations": []},
        ProfilerConfig={"S3OutputPath": "s3://models/profile", "DisableProfiler": False},
        EnableInterContainerTrafficEncryption=True,
        Tags=[{"Key": "team", "Value": "paper"}, {"Key": "empty", "Value": ""}])
    arn = SAGEMAKER.create_training_job(**asked)["TrainingJobArn"]
    equal(arn, "arn:aws:sagemaker:us-east-1:000000000000:training-job/whole-story", "ARN in lower case")
    wait("Whole-Story")
    job = describe("Whole-Story")
    equal(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
    equal(job["TrainingJobArn"], arn)
    for member in ("HyperParameters", "AlgorithmSpecification", "InputDataConfig", "CheckpointConfig", "Environment", "RoleArn",
                   "RetryStrategy", "DebugHookConfig", "ProfilerConfig", "ResourceConfig", "StoppingCondition"):
        equal(job[member], asked[member], member)
    equal(job["OutputDataConfig"], {"S3OutputPath": "s3://models/here/", "KmsKeyId": ""})
    equal(job["ModelArtifacts"], {"S3ModelArtifacts": "s3://models/here/Whole-Story/output/model.tar.gz"})
    equal([row["MetricName"] for row in job["FinalMetricDataList"]], ["train:loss"])
    equal([job["EnableNetworkIsolation"], job["EnableManagedSpotTraining"], job["EnableInterContainerTrafficEncryption"]], [False, False, True])
    steps = job["SecondaryStatusTransitions"]
    equal([step["Status"] for step in steps], ["Starting", "Downloading", "Training", "Uploading", "Completed"])
    assert all(step["StatusMessage"] and step["EndTime"] >= step["StartTime"] for step in steps)
    assert len({step["StatusMessage"] for step in steps}) == len(steps)
    assert all(before["EndTime"] == after["StartTime"] for before, after in zip(steps, steps[1:]))
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"] <= job["LastModifiedTime"]
    assert job["TrainingTimeInSeconds"] >= 1 and job["BillableTimeInSeconds"] >= 1
    equal(sorted(tag["Key"] for tag in SAGEMAKER.list_tags(ResourceArn=arn)["Tags"]), ["empty", "team"])
    refused(lambda: SAGEMAKER.stop_training_job(TrainingJobName="Whole-Story"), "ValidationException",
            "The request was rejected because the training job is in status Completed.")
    SAGEMAKER.delete_training_job(TrainingJobName="Whole-Story")
    refused(lambda: describe("Whole-Story"), *MISSING)
    create("Whole-Story")


def defaults():
    asked = request("Sparse")
    del asked["HyperParameters"], asked["StoppingCondition"]
    asked["StoppingCondition"] = {}
    SAGEMAKER.create_training_job(**asked)
    wait("Sparse")
    job = describe("Sparse")
    equal(job["StoppingCondition"], {"MaxRuntimeInSeconds": 86400})
    assert "HyperParameters" not in job and "FailureReason" not in job and "Environment" not in job
    # A type larger than this machine: the request is echoed as it was sent.
    create("Large", ResourceConfig={"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1})
    equal(describe("Large")["ResourceConfig"]["InstanceType"], "ml.p4d.24xlarge")


def pages():
    names = [f"job-{number:02}" for number in range(10)]
    for name in names:
        create(name)
    seen, token, inserted = [], None, 0
    while True:
        page = SAGEMAKER.list_training_jobs(MaxResults=3, SortBy="Name", **({"NextToken": token} if token else {}))
        seen += [row["TrainingJobName"] for row in page["TrainingJobSummaries"]]
        assert len(page["TrainingJobSummaries"]) <= 3
        # Jobs come in while somebody turns the pages: one before all others, one in the middle of what is to come.
        create(f"aaa-{inserted}")
        create(f"job-08-{inserted}")
        inserted += 1
        token = page.get("NextToken")
        if token is None:
            break
    equal(len(seen), len(set(seen)), "names without duplicates")
    equal([name for name in seen if name in names], names, "names that were there all the time")
    equal(seen, sorted(seen))
    pages = SAGEMAKER.get_paginator("list_training_jobs").paginate(
        SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 3})
    newest = [row["TrainingJobName"] for page in pages for row in page["TrainingJobSummaries"]]
    equal(len(newest), 10 + 2 * inserted)
    equal([name for name in newest if name in names], names[::-1])
    equal(len(SAGEMAKER.list_training_jobs()["TrainingJobSummaries"]), 10, "default size of a page")
    assert "NextToken" not in SAGEMAKER.list_training_jobs(MaxResults=100)
    first = SAGEMAKER.list_training_jobs(MaxResults=3, SortBy="Name")["NextToken"]
    refused(lambda: SAGEMAKER.list_training_jobs(NextToken=first, SortBy="Status"), "ValidationException")
    for garbage in ("garbage", "00ff", "{}", "é", "a" * 8193):
        refused(lambda: SAGEMAKER.list_training_jobs(NextToken=garbage), "ValidationException")
    refused(lambda: SAGEMAKER.list_training_jobs(MaxResults=101), "ValidationException", "'maxResults'")


def filters():
    start = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    create("b-good")
    create("d-bad", hyperparameters={"fail-at-epoch": "1"})
    create("c-stopped", hyperparameters={"hang-at-epoch": "1"})
    create("a-runs", hyperparameters={"hang-at-epoch": "1"})
    wait("b-good")
    wait_for("d-bad", "Failed")
    wait_for("c-stopped", "Training")
    SAGEMAKER.stop_training_job(TrainingJobName="c-stopped")
    wait("c-stopped")
    wait_for("a-runs", "Training")

    def names(**filters):
        return [row["TrainingJobName"] for row in SAGEMAKER.list_training_jobs(**filters)["TrainingJobSummaries"]]

    everything = ["b-good", "d-bad", "c-stopped", "a-runs"]
    equal(names(), everything, "by time, oldest first")
    equal(names(SortOrder="Descending"), everything[::-1])
    equal(names(SortBy="Name"), sorted(everything))
    equal(names(SortBy="Name", SortOrder="Descending"), sorted(everything)[::-1])
    equal(names(SortBy="Status"), ["b-good", "d-bad", "a-runs", "c-stopped"])
    equal(names(SortBy="Status", SortOrder="Descending"), ["c-stopped", "a-runs", "d-bad", "b-good"])
    for status, name in (("Completed", "b-good"), ("Failed", "d-bad"), ("InProgress", "a-runs"), ("Stopped", "c-stopped")):
        equal(names(StatusEquals=status), [name])
    equal(names(StatusEquals="Stopping"), [])
    equal(names(NameContains="o", SortBy="Name"), ["b-good", "c-stopped"])
    for key in ("CreationTime", "LastModifiedTime"):
        equal(names(**{f"{key}After": start - hour}), everything)
        equal(names(**{f"{key}After": start + hour}), [])
        equal(names(**{f"{key}Before": start + hour}), everything)
        equal(names(**{f"{key}Before": start - hour}), [])
    equal(names(StatusEquals="Failed", NameContains="bad", CreationTimeAfter=start - hour, SortBy="Name"), ["d-bad"])
    rows = {row["TrainingJobName"]: row for row in SAGEMAKER.list_training_jobs()["TrainingJobSummaries"]}
    assert "TrainingEndTime" in rows["b-good"] and "TrainingEndTime" not in rows["a-runs"]
    equal(rows["a-runs"]["SecondaryStatus"], "Training")
    refused(lambda: names(NameContains="a_b"), "ValidationException", "'nameContains'")
    refused(lambda: names(SortBy="Age"), "ValidationException", "Member must satisfy enum value set")
    refused(lambda: names(StatusEquals="Broken"), "ValidationException", "Member must satisfy enum value set")
    refused(lambda: names(WarmPoolStatusEquals="InUse"), "ValidationException", "WarmPoolStatusEquals is not supported")


def waiting():
    create("good")
    wait("good")
    create("long", hyperparameters={"hang-at-epoch": "1"})
    wait_for("long", "Training")
    SAGEMAKER.stop_training_job(TrainingJobName="long")
    SAGEMAKER.stop_training_job(TrainingJobName="long") if describe("long")["TrainingJobStatus"] == "Stopping" else None
    wait("long")
    equal(describe("long")["SecondaryStatus"], "Stopped")
    create("bad", hyperparameters={"fail-at-epoch": "1", "failure-message": "no ink"})
    try:
        wait("bad")
    except WaiterError as error:
        equal(error.last_response["FailureReason"], "AlgorithmError: no ink")
    else:
        raise AssertionError("the waiter ends well on a failed job")
    try:
        wait("nobody")
    except WaiterError as error:
        equal((error.last_response["Error"]["Code"], error.last_response["Error"]["Message"]), MISSING)
    else:
        raise AssertionError("the waiter ends well on a job that is not there")


def tagging():
    arn = create("tagged", Tags=[{"Key": "a", "Value": "1"}])

    def tags():
        return {tag["Key"]: tag["Value"] for tag in SAGEMAKER.list_tags(ResourceArn=arn)["Tags"]}

    equal(tags(), {"a": "1"})
    SAGEMAKER.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    equal(tags(), {"a": "2", "b": ""})
    SAGEMAKER.delete_tags(ResourceArn=arn, TagKeys=["a", "not there"])
    equal(tags(), {"b": ""})
    many = [{"Key": f"key-{number}", "Value": "x"} for number in range(50)]
    refused(lambda: SAGEMAKER.add_tags(ResourceArn=arn, Tags=many), "ResourceLimitExceeded")
    equal(tags(), {"b": ""}, "tags after a refusal")
    refused(lambda: SAGEMAKER.add_tags(ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": "1"}]), "ValidationException", "reserved")
    refused(lambda: SAGEMAKER.list_tags(ResourceArn=arn + "x"), "ValidationException", "not found")
    refused(lambda: SAGEMAKER.list_tags(ResourceArn="arn:aws:sagemaker:us-east-1:000000000000:endpoint/tagged"), "ValidationException")
    wait("tagged")
    SAGEMAKER.delete_training_job(TrainingJobName="tagged")
    refused(tags, "ValidationException", "not found")


def updating():
    create("watched", hyperparameters={"hang-at-epoch": "1"})
    wait_for("watched", "Training")
    answer = SAGEMAKER.update_training_job(
        TrainingJobName="watched", ProfilerConfig={"S3OutputPath": "s3://models/profile", "DisableProfiler": True})
    equal(answer["TrainingJobArn"], describe("watched")["TrainingJobArn"])
    equal(describe("watched")["ProfilerConfig"], {"S3OutputPath": "s3://models/profile", "DisableProfiler": True})
    refused(lambda: SAGEMAKER.update_training_job(TrainingJobName="watched", ResourceConfig={"KeepAlivePeriodInSeconds": 60}),
            "ValidationException", "ResourceConfig is not supported by htr")
    refused(lambda: SAGEMAKER.delete_training_job(TrainingJobName="watched"), "ResourceInUse")
    SAGEMAKER.stop_training_job(TrainingJobName="watched")
    wait("watched")
    refused(lambda: SAGEMAKER.update_training_job(TrainingJobName="watched", ProfilerConfig={}), "ValidationException")


def errors():
    for call in (SAGEMAKER.describe_training_job, SAGEMAKER.stop_training_job, SAGEMAKER.delete_training_job):
        refused(lambda: call(TrainingJobName="nobody"), *MISSING)
        refused(lambda: call(TrainingJobName="no_body"), "ValidationException", "1 validation error detected: Value 'no_body' at "
                "'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                "^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
    arn = create("Taken")
    refused(lambda: create("Taken"), "ResourceInUse", "Training job names must be unique within an AWS account and region, and "
            f"a training job with this name already exists ({arn})")
    refused(lambda: create("two", ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}),
            "ResourceLimitExceeded", "The account-level service limit 'ml.m5.large for training job usage' is")
    refused(lambda: create("vpc", VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}), "ValidationException",
            "VpcConfig is not supported by htr")
    refused(lambda: SAGEMAKER.list_pipelines(), "UnknownOperationException", "ListPipelines")
    equal([row["TrainingJobName"] for row in SAGEMAKER.list_training_jobs()["TrainingJobSummaries"]], ["Taken"])


def search():
    """Search over jobs, endpoints and models: filters, order, pages and totals."""
    for number in range(5):
        create(f"found-{number}", hyperparameters={"log-bytes": str(number * 5)},
               Tags=[{"Key": "team", "Value": "odd" if number % 2 else "even"}])
        wait(f"found-{number}")

    def ask(*filters, **options):
        expression = {"Filters": [dict(zip(("Name", "Operator", "Value"), each)) for each in filters]}
        answer = SAGEMAKER.search(Resource="TrainingJob", SearchExpression=expression, **options)
        return [record["TrainingJob"]["TrainingJobName"] for record in answer["Results"]], answer

    names, answer = ask(("Tags.team", "Equals", "odd"), SortBy="TrainingJobName", SortOrder="Ascending")
    equal((names, answer["TotalHits"]), (["found-1", "found-3"], {"Value": 2, "Relation": "EqualTo"}))
    equal(answer["Results"][0]["TrainingJob"]["Tags"], [{"Key": "team", "Value": "odd"}])
    # As numbers: as texts "5" would come after "20".
    equal(ask(("HyperParameters.log-bytes", "GreaterThan", "7"), SortBy="HyperParameters.log-bytes")[0],
          ["found-4", "found-3", "found-2"])
    pages = SAGEMAKER.get_paginator("search").paginate(
        Resource="TrainingJob", SortBy="CreationTime", SortOrder="Ascending", PaginationConfig={"PageSize": 2})
    equal([record["TrainingJob"]["TrainingJobName"] for page in pages for record in page["Results"]],
          [f"found-{number}" for number in range(5)], "pages")
    equal(ask(("TrainingJobStatus", "Equals", "Failed"))[0], [])
    equal(SAGEMAKER.search(Resource="Experiment")["Results"], [], "a kind that there is nothing of")
    refused(lambda: SAGEMAKER.search(Resource="TrainingJob", NextToken="00"), "ValidationException", "NextToken")
    SAGEMAKER.create_model(
        ModelName="found", PrimaryContainer={"Image": "htr/mock", "ModelDataUrl": describe("found-0")["ModelArtifacts"]["S3ModelArtifacts"]},
        ExecutionRoleArn="arn:aws:iam::000000000000:role/SageMaker-Execution")
    models = SAGEMAKER.search(Resource="Model")["Results"]
    equal([record["Model"]["Model"]["ModelName"] for record in models], ["found"], "models")
    SAGEMAKER.create_endpoint_config(EndpointConfigName="found", ProductionVariants=[{
        "VariantName": "all", "ModelName": "found", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}])
    SAGEMAKER.create_endpoint(EndpointName="found", EndpointConfigName="found")
    SAGEMAKER.get_waiter("endpoint_in_service").wait(EndpointName="found", WaiterConfig=QUICK)
    endpoints = SAGEMAKER.search(Resource="Endpoint", SearchExpression={"Filters": [
        {"Name": "EndpointStatus", "Operator": "Equals", "Value": "InService"}]})["Results"]
    equal([record["Endpoint"]["ProductionVariants"][0]["CurrentInstanceCount"] for record in endpoints], [1])


def race():
    """Many clients create the same names at once: each name has exactly one winner."""
    rounds, clients = 5, 8
    outcomes = [[] for _ in range(rounds)]
    barrier = threading.Barrier(clients)

    def compete():
        for number in range(rounds):
            barrier.wait()
            try:
                create(f"race-{number}")
                outcomes[number].append("won")
            except ClientError as error:
                outcomes[number].append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=compete) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        equal(sorted(outcome), sorted(["won"] + ["ResourceInUse"] * (clients - 1)))
    equal(len(SAGEMAKER.list_training_jobs()["TrainingJobSummaries"]), rounds)


if __name__ == "__main__":
    {each.__name__: each for each in (
        lifecycle, defaults, pages, filters, waiting, tagging, updating, errors, search, race)}[sys.argv[1]]()
    if FAULTS:
        sys.exit("answers that do not fit botocore's model:\n" + "\n".join(sorted(set(FAULTS))))
