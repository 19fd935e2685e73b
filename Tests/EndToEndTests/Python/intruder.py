"""Requests that must not get in, over TCP. Usage: intruder.py; says on stderr what is wrong."""

import datetime
import http.client
import json
import re
import os
import sys
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
ADDRESS = urlsplit(ENDPOINT)
KEY, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
FAULTS = []


def signed(key=KEY, secret=SECRET, skew=0, service="sagemaker", url=ENDPOINT + "/", body=b"{}", method="POST"):
    """The headers of a properly signed ListTrainingJobs, but for what is asked to be wrong."""
    headers = {"X-Amz-Target": "SageMaker.ListTrainingJobs", "Content-Type": "application/x-amz-json-1.1"}
    request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body, headers=headers)
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret), service, "us-east-1")
    real = getattr(botocore.auth, "get_current_datetime", None)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(seconds=skew)
    if real:
        botocore.auth.get_current_datetime = lambda *_, **__: now
        signer.add_auth(request)
        botocore.auth.get_current_datetime = real
    else:
        class Clock(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return now

        whole, botocore.auth.datetime = botocore.auth.datetime, type("module", (), {"datetime": Clock})
        signer.add_auth(request)
        botocore.auth.datetime = whole
    return dict(request.headers.items())


def send(headers, body=b"{}", method="POST", path="/"):
    connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    headers.setdefault("Host", ADDRESS.netloc)
    headers["Content-Length"] = str(len(body))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    try:
        kind = json.loads(text).get("__type")
    except ValueError:
        code = re.search("<Code>(.*?)</Code>", text.decode(errors="replace"))
        kind = code and code[1]
    return answer.status, kind, text.decode(errors="replace")


def expect(what, answer, statuses, kinds):
    status, kind, text = answer
    if status not in statuses or kind not in kinds:
        FAULTS.append(f"{what}: {status} {kind} {text[:300]}")
    if SECRET in text or KEY in text:
        FAULTS.append(f"{what}: the answer tells a key")


def denied(what, headers, kinds=("AccessDeniedException",), **request):
    expect(what, send(headers, **request), (400, 403, 405), kinds)


expect("a good request", send(signed()), (200,), (None,))
denied("a wrong secret", signed(secret="x" * 40), ("InvalidSignatureException", "SignatureDoesNotMatch"))
denied("an unknown key", signed(key="AKIAUNKNOWN00000"), ("UnrecognizedClientException", "InvalidClientTokenId"))
denied("a clock an hour late", signed(skew=-3600), ("InvalidSignatureException", "RequestExpired", "SignatureDoesNotMatch"))
denied("a clock an hour early", signed(skew=3600), ("InvalidSignatureException", "RequestExpired", "SignatureDoesNotMatch"))
denied("another service's signature", signed(service="s3"), ("InvalidRequest", "MethodNotAllowed"))
unsigned = {"X-Amz-Target": "SageMaker.ListTrainingJobs", "Content-Type": "application/x-amz-json-1.1"}
denied("no signature", dict(unsigned), ("MissingAuthenticationTokenException", "MissingAuthenticationToken"))
denied("half a signature", {**unsigned, "Authorization": "AWS4-HMAC-SHA256 Credential=x"},
       ("IncompleteSignatureException", "IncompleteSignature", "InvalidSignatureException"))
denied("another body", signed(), ("InvalidSignatureException", "SignatureDoesNotMatch"), body=b'{"MaxResults":1}')
changed = signed()
changed["X-Amz-Target"] = "SageMaker.DeleteTrainingJob"
denied("another action", changed, ("InvalidSignatureException", "SignatureDoesNotMatch"))
denied("a web page's request", {**signed(), "Origin": "http://evil.example"})
denied("a rebound name", {**signed(url=f"http://evil.example:{ADDRESS.port}/"), "Host": f"evil.example:{ADDRESS.port}"})
denied("another port's name", {**signed(url="http://127.0.0.1:1/"), "Host": "127.0.0.1:1"})
denied("a claim to come over the socket", {**unsigned, "X-Htr-Peer-Uid": "0"},
       ("MissingAuthenticationTokenException", "MissingAuthenticationToken"))
path = "/htr/v1/environment"
denied("the keys over TCP", signed(url=ENDPOINT + path, method="GET", body=b""), path=path, method="GET", body=b"")
path = "/bucket/key"
denied("an unsigned upload", {}, ("AccessDenied", "MissingSecurityHeader", "MissingAuthenticationToken"), path=path, method="PUT")
expect("a status, signed", send(signed(url=ENDPOINT + "/htr/v1/status", method="GET", body=b""), path="/htr/v1/status", method="GET",
                                body=b""), (200,), (None,))
expect("large headers", send({**unsigned, "X-Large": "x" * 70000}), (400, 403, 413, 431), (None, "MissingAuthenticationTokenException", "MissingAuthenticationToken"))
expect("a good request afterwards", send(signed()), (200,), (None,))
if FAULTS:
    sys.exit("\n".join(FAULTS))
