"""Who a caller is, and keys for some time, with boto3 against a running htrd. Usage: identity_scenarios.py NAME; says on
stderr what is wrong."""

import datetime
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from checked_client import Faults
from checked_query import make_query_client

FAULTS = Faults()
ACCOUNT = "000000000000"
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
STS = make_query_client("sts", FAULTS)
IAM = make_query_client("iam", FAULTS)


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} instead of {expected!r}")


def matches(found, pattern, what):
    if not re.fullmatch(pattern, found):
        raise AssertionError(f"{what}: {found!r} is not like {pattern}")


def refused(call, code, status):
    try:
        call()
    except ClientError as error:
        equal((error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]), (code, status))
        return error.response["Error"]["Message"]
    raise AssertionError(f"no {code}")


def with_keys(credentials):
    return {"aws_access_key_id": credentials["AccessKeyId"], "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"]}


def assume(name="Scribe", session="afternoon", client=STS, **more):
    return client.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName=session, **more)


def lasts(credentials, seconds):
    left = (credentials["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    if not seconds - 60 < left <= seconds:
        raise AssertionError(f"{left} s left of {seconds}")


def status_of(url, method="GET", body=None, headers=None):
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, method=method, data=body, headers=headers or {}))
        return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def owner():
    """The daemon's own key belongs to the account's one user."""
    identity = STS.get_caller_identity()
    equal((identity["Account"], identity["Arn"]), (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/htr"))
    user = IAM.get_user()["User"]
    equal(IAM.get_user(UserName="htr")["User"], user)
    equal((user["UserId"], user["Arn"]), (identity["UserId"], identity["Arn"]))
    refused(lambda: IAM.get_user(UserName="bob"), "NoSuchEntity", 404)
    equal(STS.get_access_key_info(AccessKeyId=os.environ["AWS_ACCESS_KEY_ID"])["Account"], ACCOUNT)
    refused(lambda: STS.get_access_key_info(AccessKeyId="AKIAUNKNOWN000000000"), "ValidationError", 400)


def roles():
    """Every role that has a proper name is there, and may be taken on."""
    role = IAM.get_role(RoleName="Scribe")["Role"]
    equal((role["Path"], role["Arn"]), ("/", f"arn:aws:iam::{ACCOUNT}:role/Scribe"))
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    equal((statement["Action"], statement["Principal"]["AWS"]), ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:root"))
    assumed = assume("service-role/deep/Scribe", DurationSeconds=900)
    lasts(assumed["Credentials"], 900)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Scribe/afternoon"
    equal(assumed["AssumedRoleUser"], {"AssumedRoleId": f"{role['RoleId']}:afternoon", "Arn": arn})
    keys = with_keys(assumed["Credentials"])
    sts = make_query_client("sts", FAULTS, **keys)
    identity = sts.get_caller_identity()
    equal((identity["Arn"], identity["UserId"]), (arn, f"{role['RoleId']}:afternoon"))
    equal(boto3.client("sagemaker", **keys).list_training_jobs()["TrainingJobSummaries"], [])
    equal(STS.get_access_key_info(AccessKeyId=keys["aws_access_key_id"])["Account"], ACCOUNT)
    again = assume("Other", "evening", client=sts)
    lasts(again["Credentials"], 3600)
    refused(lambda: assume("Other", "evening", client=sts, DurationSeconds=3601), "ValidationError", 400)
    refused(lambda: make_query_client("iam", FAULTS, **keys).get_user(), "ValidationError", 400)


def sessions():
    """Keys of the caller's own that end by themselves: a minute is too short a time to see it, so the tests of KeyRing do."""
    credentials = STS.get_session_token()["Credentials"]
    lasts(credentials, 43_200)
    lasts(STS.get_session_token(DurationSeconds=129_600)["Credentials"], 129_600)
    matches(credentials["AccessKeyId"], "ASIA[A-Z2-7]{16}", "key")
    sts = make_query_client("sts", FAULTS, **with_keys(credentials))
    equal(sts.get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/htr")
    refused(sts.get_session_token, "AccessDenied", 403)
    other = STS.get_session_token()["Credentials"]
    for change, code in (
        ({"aws_session_token": None}, "InvalidClientTokenId"),
        ({"aws_session_token": other["SessionToken"]}, "InvalidClientTokenId"),
        ({"aws_session_token": "00" + credentials["SessionToken"][2:]}, "InvalidClientTokenId"),
        ({"aws_secret_access_key": other["SecretAccessKey"]}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "ASIAAAAAAAAAAAAAAAAA"}, "InvalidClientTokenId"),
    ):
        client = make_query_client("sts", FAULTS, **{**with_keys(credentials), **change})
        refused(client.get_caller_identity, code, 403)


def refusals():
    """What cannot be done is said by name."""
    refused(lambda: IAM.list_roles(), "InvalidAction", 400)
    refused(lambda: STS.get_federation_token(Name="bob"), "InvalidAction", 400)
    message = refused(lambda: assume(Policy="{}"), "ValidationError", 400)
    matches(message, ".*Policy is not supported by htr.*", "message")
    refused(lambda: assume(Tags=[{"Key": "a", "Value": "b"}]), "ValidationError", 400)
    refused(lambda: assume(DurationSeconds=43_201), "ValidationError", 400)
    refused(lambda: assume(session="a b"), "ValidationError", 400)
    refused(lambda: assume("x" * 65), "ValidationError", 400)
    stranger = f"arn:aws:iam::{'1' * 12}:role/Scribe"
    refused(lambda: STS.assume_role(RoleArn=stranger, RoleSessionName="ab"), "AccessDenied", 403)
    wrong = make_query_client("sts", FAULTS, aws_access_key_id="AKIAUNKNOWN000000000", aws_secret_access_key="x")
    refused(wrong.get_caller_identity, "InvalidClientTokenId", 403)


def presigned():
    """Addresses that whoever holds them may use, until they expire."""
    keys = with_keys(assume()["Credentials"])
    for client, name in ((STS, "user/htr"), (boto3.client("sts", **keys), "assumed-role/Scribe/afternoon")):
        posted = client.generate_presigned_url("get_caller_identity", ExpiresIn=60)
        equal(status_of(posted, method="POST", body=b"")[0], 200, posted)
        url = client.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        status, text = status_of(url)
        equal((status, f"{name}</Arn>" in text), (200, True), text)
        for altered in (url.replace("GetCallerIdentity", "GetSessionToken"), url + "&Extra=1", url + "&Version=2011-06-15",
                        url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), url.replace("/sts/", "/iam/")):
            if altered != url and status_of(altered)[0] not in (400, 403):
                raise AssertionError(f"{altered}: {status_of(altered)}")
    for version in ("s3", "s3v4"):
        for options in ({}, keys):
            s3 = boto3.client("s3", config=Config(signature_version=version), **options)
            url = s3.generate_presigned_url("get_object", Params={
                "Bucket": "no-such-bucket", "Key": "a b+é/../c", "ResponseContentType": "text/plain"}, ExpiresIn=60)
            equal("Signature=" in url and ("X-Amz-Signature=" in url) == (version == "s3v4"), True, url)
            if status_of(url)[0] == 403:
                raise AssertionError(f"{url}: {status_of(url)}")
            for altered in (url.replace("text%2Fplain", "text%2Fhtml"), url.replace("no-such-bucket", "other-bucket"),
                            url + "&versionId=1", url.replace("Expires=", "Expires=1")):
                status, text = status_of(altered)
                if altered == url or status not in (400, 403):
                    raise AssertionError(f"{altered}: {status} {text}")
            equal(status_of(url, method="PUT", body=b"x")[0], 403, "another method")


def command():
    """The aws command, where it is installed."""
    aws = shutil.which("aws", path=f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', '')}")
    if not aws:
        return
    def run(*words):
        return subprocess.run([aws, *words, "--output", "text"], capture_output=True, text=True, check=True).stdout.strip()
    equal(run("sts", "get-caller-identity", "--query", "Arn"), f"arn:aws:iam::{ACCOUNT}:user/htr")
    equal(run("iam", "get-role", "--role-name", "Scribe", "--query", "Role.Arn"), f"arn:aws:iam::{ACCOUNT}:role/Scribe")
    url = run("s3", "presign", "s3://no-such-bucket/key")
    if status_of(url)[0] == 403:
        raise AssertionError(f"{url}: {status_of(url)}")
    equal(status_of(url + "x")[0] in (400, 403), True, "an altered address")


SCENARIOS = {each.__name__: each for each in (owner, roles, sessions, refusals, presigned, command)}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]]()
    if FAULTS:
        sys.exit("\n".join(FAULTS))
