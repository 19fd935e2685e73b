"""Buckets and objects with boto3 and the aws command against a running htrd. Usage: storage_scenarios.py NAME; says on
stderr what is wrong."""

import base64
import concurrent.futures
import filecmp
import hashlib
import http.client
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zlib

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from checked_client import Faults
from checked_storage import make_storage_client

FAULTS = Faults()
S3 = make_storage_client(FAULTS)
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
BUCKET = "papers"
# Legal keys that a path or a URL would spoil.
KEYS = ["%41", ".", "..", "../../credentials", "/front", "?q=1", "a b+c", "a/", "a//b", "a/b", "#", "x/../y", "ähm/日本", "~", "*"]


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} instead of {expected!r}")


def refused(call, code, status=None):
    try:
        call()
    except ClientError as error:
        equal(error.response["Error"]["Code"], code, "code")
        if status:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, "status")
        return error.response
    raise AssertionError(f"no {code}")


def body(key, **more):
    return S3.get_object(Bucket=BUCKET, Key=key, **more)["Body"].read()


def keys(**request):
    return [each["Key"] for each in S3.list_objects_v2(Bucket=BUCKET, **request).get("Contents", [])]


def buckets():
    refused(lambda: S3.head_bucket(Bucket="nobody"), "404", 404)
    refused(lambda: S3.list_objects_v2(Bucket="nobody"), "NoSuchBucket", 404)
    refused(lambda: S3.create_bucket(Bucket="Upper_Case" + "x" * 3), "InvalidBucketName", 400)
    S3.create_bucket(Bucket=BUCKET)
    equal(BUCKET in [each["Name"] for each in S3.list_buckets()["Buckets"]], True, "listed")
    S3.head_bucket(Bucket=BUCKET, ExpectedBucketOwner="000000000000")
    refused(lambda: S3.head_bucket(Bucket=BUCKET, ExpectedBucketOwner="1" * 12), "403", 403)
    equal(S3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"], None, "location")
    refused(lambda: S3.get_bucket_policy(Bucket=BUCKET), "NoSuchBucketPolicy", 404)
    refused(lambda: S3.put_bucket_policy(Bucket=BUCKET, Policy="{}"), "NotImplemented", 501)
    S3.put_object(Bucket=BUCKET, Key="k", Body=b"")
    refused(lambda: S3.delete_bucket(Bucket=BUCKET), "BucketNotEmpty", 409)
    S3.delete_object(Bucket=BUCKET, Key="k")
    S3.delete_bucket(Bucket=BUCKET)
    refused(lambda: S3.delete_bucket(Bucket=BUCKET), "NoSuchBucket", 404)


def objects():
    S3.create_bucket(Bucket=BUCKET)
    for key in KEYS:
        content = key.encode() * 3
        stored = S3.put_object(Bucket=BUCKET, Key=key, Body=content)
        equal(stored["ETag"], f'"{hashlib.md5(content).hexdigest()}"', "tag")
        equal(body(key), content, key)
    equal(keys(), sorted(KEYS, key=lambda key: key.encode()), "keys in their bytes' order")
    S3.put_object(Bucket=BUCKET, Key="page", Body=b"0123456789", ContentType="text/plain", CacheControl="no-store",
                  ContentDisposition='attachment; filename="p"', Metadata={"writer": "george"})
    page = S3.head_object(Bucket=BUCKET, Key="page")
    equal((page["ContentLength"], page["ContentType"], page["CacheControl"], page["Metadata"], page["AcceptRanges"]),
          (10, "text/plain", "no-store", {"writer": "george"}, "bytes"))
    got = S3.get_object(Bucket=BUCKET, Key="page", ResponseContentType="x/y", ChecksumMode="ENABLED")
    equal((got["ContentType"], got["Body"].read()), ("x/y", b"0123456789"))
    equal(base64.b64decode(got["ChecksumCRC32"]), zlib.crc32(b"0123456789").to_bytes(4, "big"), "sum")
    equal(S3.delete_object(Bucket=BUCKET, Key="not there")["ResponseMetadata"]["HTTPStatusCode"], 204)
    done = S3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in KEYS + ["none"]]})
    equal(len(done["Deleted"]), len(KEYS) + 1, "deleted")
    equal(keys(), ["page"])
    refused(lambda: S3.get_object(Bucket=BUCKET, Key="none"), "NoSuchKey", 404)
    refused(lambda: S3.head_object(Bucket=BUCKET, Key="none"), "404", 404)
    refused(lambda: S3.put_object(Bucket="nobody", Key="k", Body=b"x"), "NoSuchBucket", 404)
    refused(lambda: S3.put_object(Bucket=BUCKET, Key="k" * 1025, Body=b"x"), "KeyTooLongError", 400)
    refused(lambda: S3.put_object(Bucket=BUCKET, Key="k", Body=b"x", Metadata={"m": "x" * 3000}), "MetadataTooLarge", 400)


def ranges():
    S3.create_bucket(Bucket=BUCKET)
    tag = S3.put_object(Bucket=BUCKET, Key="k", Body=b"0123456789")["ETag"]
    for text, expected, told in (("0-3", b"0123", "0-3"), ("8-", b"89", "8-9"), ("-4", b"6789", "6-9"), ("5-99", b"56789", "5-9")):
        part = S3.get_object(Bucket=BUCKET, Key="k", Range=f"bytes={text}")
        equal((part["Body"].read(), part["ContentRange"], part["ResponseMetadata"]["HTTPStatusCode"]),
              (expected, f"bytes {told}/10", 206))
    refused(lambda: S3.get_object(Bucket=BUCKET, Key="k", Range="bytes=10-"), "InvalidRange", 416)
    refused(lambda: S3.get_object(Bucket=BUCKET, Key="k", IfMatch='"other"'), "PreconditionFailed", 412)
    refused(lambda: S3.get_object(Bucket=BUCKET, Key="k", IfNoneMatch=tag), "304", 304)
    equal(body("k", IfMatch=tag), b"0123456789")
    refused(lambda: S3.put_object(Bucket=BUCKET, Key="k", Body=b"x", IfNoneMatch="*"), "PreconditionFailed", 412)
    refused(lambda: S3.put_object(Bucket=BUCKET, Key="k", Body=b"x", IfMatch='"other"'), "PreconditionFailed", 412)
    S3.put_object(Bucket=BUCKET, Key="k", Body=b"x", IfMatch=tag)
    equal(body("k"), b"x")


def listings():
    S3.create_bucket(Bucket=BUCKET)
    names = [f"{folder}/{index:02}" for folder in ("a", "b", "b c") for index in range(5)] + ["top"]
    for name in names:
        S3.put_object(Bucket=BUCKET, Key=name, Body=b"x")
    groups = S3.list_objects_v2(Bucket=BUCKET, Delimiter="/")
    equal(([each["Prefix"] for each in groups["CommonPrefixes"]], [each["Key"] for each in groups["Contents"]]),
          (["a/", "b c/", "b/"], ["top"]))
    pages = list(S3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 4}))
    equal([each["Key"] for page in pages for each in page["Contents"]], sorted(names), "all pages")
    equal([page["KeyCount"] for page in pages], [4, 4, 4, 4])
    old = list(S3.get_paginator("list_objects").paginate(Bucket=BUCKET, Delimiter="/", PaginationConfig={"PageSize": 1}))
    equal([each["Prefix"] for page in old for each in page.get("CommonPrefixes", [])], ["a/", "b c/", "b/"])
    equal(keys(Prefix="b/", StartAfter="b/02"), ["b/03", "b/04"])
    equal([each.key for each in boto3.resource("s3").Bucket(BUCKET).objects.filter(Prefix="b c")], [f"b c/{i:02}" for i in range(5)])
    refused(lambda: S3.list_objects_v2(Bucket=BUCKET, ContinuationToken="!"), "InvalidArgument", 400)


def parts():
    S3.create_bucket(Bucket=BUCKET)
    content = random.Random(1).randbytes(11 << 20)
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        try:
            S3.upload_fileobj(io.BytesIO(content), BUCKET, algorithm, ExtraArgs={"ChecksumAlgorithm": algorithm},
                              Config=TransferConfig(multipart_chunksize=5 << 20, multipart_threshold=5 << 20))
        except Exception as error:  # pylint: disable=broad-except
            if "botocore[crt]" in str(error):
                continue  # botocore computes these sums only with a package of its own.
            raise
        got = io.BytesIO()
        S3.download_fileobj(BUCKET, algorithm, got)
        equal(hashlib.sha256(got.getvalue()).hexdigest(), hashlib.sha256(content).hexdigest(), algorithm)
        equal(S3.head_object(Bucket=BUCKET, Key=algorithm)["ETag"].endswith('-3"'), True, "tag of three parts")
    upload = S3.create_multipart_upload(Bucket=BUCKET, Key="k", ContentType="a/b")["UploadId"]
    name = {"Bucket": BUCKET, "Key": "k", "UploadId": upload}
    small = S3.upload_part(PartNumber=1, Body=b"small", **name)
    last = S3.upload_part(PartNumber=2, Body=b"last", **name)
    equal([each["PartNumber"] for each in S3.list_parts(**name)["Parts"]], [1, 2])
    equal([each["Key"] for each in S3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]], ["k"])
    both = [{"PartNumber": 1, "ETag": small["ETag"]}, {"PartNumber": 2, "ETag": last["ETag"]}]
    refused(lambda: S3.complete_multipart_upload(MultipartUpload={"Parts": both}, **name), "EntityTooSmall", 400)
    refused(lambda: S3.complete_multipart_upload(MultipartUpload={"Parts": both[::-1]}, **name), "InvalidPartOrder", 400)
    refused(lambda: S3.complete_multipart_upload(
        MultipartUpload={"Parts": [{"PartNumber": 7, "ETag": last["ETag"]}]}, **name), "InvalidPart", 400)
    S3.complete_multipart_upload(MultipartUpload={"Parts": both[1:]}, **name)
    equal((body("k"), S3.head_object(Bucket=BUCKET, Key="k")["ContentType"]), (b"last", "a/b"))
    other = S3.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    S3.abort_multipart_upload(Bucket=BUCKET, Key="k", UploadId=other)
    refused(lambda: S3.upload_part(Bucket=BUCKET, Key="k", UploadId=other, PartNumber=1, Body=b"x"), "NoSuchUpload", 404)
    S3.copy({"Bucket": BUCKET, "Key": "CRC32"}, BUCKET, "copied in parts",
            Config=TransferConfig(multipart_chunksize=5 << 20, multipart_threshold=5 << 20))
    equal(body("copied in parts"), content, "copy")


def copies():
    S3.create_bucket(Bucket=BUCKET)
    S3.put_object(Bucket=BUCKET, Key="a ü/b", Body=b"page", ContentType="text/plain", Metadata={"m": "1"})
    S3.copy_object(Bucket=BUCKET, Key="to", CopySource={"Bucket": BUCKET, "Key": "a ü/b"})
    copied = S3.get_object(Bucket=BUCKET, Key="to")
    equal((copied["Body"].read(), copied["ContentType"], copied["Metadata"]), (b"page", "text/plain", {"m": "1"}))
    S3.copy_object(Bucket=BUCKET, Key="to", CopySource=f"{BUCKET}/to", MetadataDirective="REPLACE", Metadata={"m": "2"})
    equal(S3.head_object(Bucket=BUCKET, Key="to")["Metadata"], {"m": "2"})
    refused(lambda: S3.copy_object(Bucket=BUCKET, Key="to", CopySource=f"{BUCKET}/to"), "InvalidRequest", 400)
    refused(lambda: S3.copy_object(Bucket=BUCKET, Key="x", CopySource=f"{BUCKET}/none"), "NoSuchKey", 404)


def send(key, content, claimed, **headers):
    """A PUT as other clients than boto3 make it: with the body hash and headers that are given."""
    url = f"{ENDPOINT}/{BUCKET}/{key}"
    request = AWSRequest("PUT", url, data=content, headers={**headers, "X-Amz-Content-SHA256": claimed})
    request.context["payload_signing_enabled"] = True
    auth = S3SigV4Auth(boto3.Session().get_credentials(), "s3", "us-east-1")
    auth.payload = lambda _: claimed
    auth.add_auth(request)
    request.headers["X-Amz-Content-SHA256"] = claimed
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=20)
    connection.request("PUT", place.path, content, dict(request.headers.items()))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def bodies():
    """What a body is said to be, and is not."""
    S3.create_bucket(Bucket=BUCKET)
    good = hashlib.sha256(b"page").hexdigest()
    equal(send("k", b"page", good)[0], 200)
    for name, content, claimed, headers, code in (
        ("another digest", b"Page", good, {}, "XAmzContentSHA256Mismatch"),
        ("another MD5", b"page", good, {"Content-MD5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        ("another sum", b"page", good, {"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ("no hash", b"page", "nothing", {}, "InvalidRequest"),
    ):
        status, text = send("k2", content, claimed, **headers)
        if status != 400 or f"<Code>{code}</Code>" not in text:
            raise AssertionError(f"{name}: {status} {text}")
    refused(lambda: S3.head_object(Bucket=BUCKET, Key="k2"), "404")
    equal(send("free", b"page", "UNSIGNED-PAYLOAD")[0], 200)
    crc = base64.b64encode(zlib.crc32(b"page" * 3).to_bytes(4, "big")).decode()
    chunked = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "12", "X-Amz-Trailer": "x-amz-checksum-crc32"}
    def frames(total):
        return b"8\r\npagepage\r\n4\r\npage\r\n0\r\nx-amz-checksum-crc32:" + total.encode() + b"\r\n\r\n"
    equal(send("chunks", frames(crc), "STREAMING-UNSIGNED-PAYLOAD-TRAILER", **chunked)[0], 200)
    equal(body("chunks"), b"page" * 3)
    equal("ContentEncoding" in S3.head_object(Bucket=BUCKET, Key="chunks"), False, "the chunks are not the object's")
    status, text = send("bad", frames("AAAAAA=="), "STREAMING-UNSIGNED-PAYLOAD-TRAILER", **chunked)
    equal((status, "BadDigest" in text), (400, True), text)
    status, text = send("short", frames(crc)[:20], "STREAMING-UNSIGNED-PAYLOAD-TRAILER", **chunked)
    equal((status, "IncompleteBody" in text), (400, True), text)
    equal(keys(), ["chunks", "free", "k"])


def presigned():
    S3.create_bucket(Bucket=BUCKET)
    S3.put_object(Bucket=BUCKET, Key="a ü", Body=b"page")
    for version in (None, "s3v4"):
        client = make_storage_client(FAULTS, **({"signature_version": version} if version else {}))
        url = client.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a ü"})
        equal(urllib.request.urlopen(url).read(), b"page", url)
        url = client.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "put"})
        # urllib adds a type of content of its own, which the older signature covers.
        request = urllib.request.Request(url, data=version.encode() if version else b"v2", method="PUT", headers={"Content-Type": ""})
        equal(urllib.request.urlopen(request).status, 200)
        equal(body("put"), version.encode() if version else b"v2")
        try:
            urllib.request.urlopen(url.replace("/put?", "/other?"))
            raise AssertionError("an altered address")
        except urllib.error.HTTPError as error:
            equal(error.code, 403)


def race():
    """Many writers of one key: what is read is always one of the writes, whole, with its own tag."""
    S3.create_bucket(Bucket=BUCKET)
    def write(number):
        return S3.put_object(Bucket=BUCKET, Key="k", Body=bytes([number]) * 300_000)["ETag"]
    def read(_):
        got = S3.get_object(Bucket=BUCKET, Key="k")
        content = got["Body"].read()
        equal(got["ETag"], f'"{hashlib.md5(content).hexdigest()}"', "the tag of what was read")
        equal((len(content), len(set(content))), (300_000, 1), "one whole write")
    write(0)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        jobs = [pool.submit(write, number) for number in range(40)] + [pool.submit(read, None) for _ in range(80)]
        for job in jobs:
            job.result()


def command():
    """The aws command, where it is installed."""
    aws = shutil.which("aws", path=f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', '')}")
    if not aws:
        return
    def run(*words):
        return subprocess.run([aws, "s3", *words], capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        source, back = f"{folder}/pages", f"{folder}/back"
        os.makedirs(f"{source}/deep er")
        for index in range(30):
            with open(f"{source}/{'deep er/' * (index % 2)}page-{index}", "wb") as file:
                file.write(random.Random(index).randbytes(index * 1000))
        run("mb", f"s3://{BUCKET}")
        run("cp", "--recursive", source, f"s3://{BUCKET}/pages/")
        equal(run("sync", source, f"s3://{BUCKET}/pages/"), "", "nothing is left to synchronise")
        run("sync", f"s3://{BUCKET}/pages/", back)
        equal(filecmp.dircmp(source, back).diff_files, [])
        equal(sorted(os.listdir(f"{back}/deep er")), sorted(os.listdir(f"{source}/deep er")))
        run("mv", f"s3://{BUCKET}/pages/page-2", f"s3://{BUCKET}/moved")
        equal("moved" in run("ls", f"s3://{BUCKET}/"), True)
        run("rb", "--force", f"s3://{BUCKET}")


SCENARIOS = {each.__name__: each for each in (
    buckets, objects, ranges, listings, parts, copies, bodies, presigned, race, command)}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]]()
    if FAULTS:
        sys.exit("\n".join(FAULTS))
