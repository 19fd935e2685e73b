"""boto3 clients of services that speak JSON, every answer held against botocore's own model of the service."""

import json
import re

import boto3
from botocore.config import Config


class Faults(list):
    """What answers had that the model does not know, or lacked of what it requires."""


def make_client(faults, service="sagemaker", version="1.1", **options):
    """Endpoint, keys and region come from the environment, as for anybody."""
    options.setdefault("config", Config(max_pool_connections=20, retries={"mode": "standard"}))
    client = boto3.session.Session().client(service, **options)

    def check(http_response, model, **_):
        hold(http_response, model, version, faults)

    client.meta.events.register(f"after-call.{client.meta.service_model.service_id.hyphenize()}.*", check)
    return client


def hold(response, model, version, faults):
    """Holds one answer in JSON against the model."""
    if response.status_code != 200:
        check_error(response, model.name, faults)
        return
    if "x-amzn-RequestId" not in response.headers:
        faults.append(f"{model.name}: no x-amzn-RequestId")
    if model.output_shape is None:
        if response.content:
            faults.append(f"{model.name}: a body where the model has none: {response.content[:100]}")
        return
    if response.headers.get("Content-Type") != f"application/x-amz-json-{version}":
        faults.append(f"{model.name}: Content-Type {response.headers.get('Content-Type')}")
    check_shape(json.loads(response.content), model.output_shape, model.name, faults)


def check_error(response, action, faults):
    body = json.loads(response.content)
    if not isinstance(body.get("__type"), str) or not body.get("message"):
        faults.append(f"{action}: an error without __type and message: {body}")
    if response.headers.get("x-amzn-ErrorType") != body.get("__type"):
        faults.append(f"{action}: x-amzn-ErrorType is {response.headers.get('x-amzn-ErrorType')}")


def check_shape(value, shape, path, faults):
    if value is None:
        faults.append(f"{path}: null")
        return
    checks = {
        "structure": check_structure, "list": check_list, "map": check_map, "string": check_string,
        "integer": check_integer, "long": check_integer, "double": check_number, "float": check_number,
        "timestamp": check_number, "boolean": check_boolean,
    }
    checks[shape.type_name](value, shape, path, faults)


def expect_type(value, types, path, faults):
    if isinstance(value, types) and not (isinstance(value, bool) and bool not in types):
        return True
    faults.append(f"{path}: {value!r} is none of {[each.__name__ for each in types]}")
    return False


def check_structure(value, shape, path, faults):
    if not expect_type(value, (dict,), path, faults):
        return
    for name in shape.required_members:
        if name not in value:
            faults.append(f"{path}.{name}: required and absent")
    for name, member in value.items():
        if name in shape.members:
            check_shape(member, shape.members[name], f"{path}.{name}", faults)
        else:
            faults.append(f"{path}.{name}: unknown member")


def check_range(measure, shape, path, faults):
    for key, holds in (("min", lambda limit: measure >= limit), ("max", lambda limit: measure <= limit)):
        if key in shape.metadata and not holds(shape.metadata[key]):
            faults.append(f"{path}: {measure} against {key} {shape.metadata[key]}")


def check_list(value, shape, path, faults):
    if expect_type(value, (list,), path, faults):
        check_range(len(value), shape, path, faults)
        for index, item in enumerate(value):
            check_shape(item, shape.member, f"{path}[{index}]", faults)


def check_map(value, shape, path, faults):
    if expect_type(value, (dict,), path, faults):
        check_range(len(value), shape, path, faults)
        for key, item in value.items():
            check_shape(key, shape.key, f"{path} key", faults)
            check_shape(item, shape.value, f"{path}.{key}", faults)


def check_string(value, shape, path, faults):
    if not expect_type(value, (str,), path, faults):
        return
    check_range(len(value), shape, path, faults)
    if shape.enum and value not in shape.enum:
        faults.append(f"{path}: {value!r} is not in the enum")
    pattern = shape.metadata.get("pattern")
    if pattern:
        try:
            matches = re.fullmatch(pattern, value, re.DOTALL)
        except re.error:
            return  # a pattern of another dialect
        if not matches:
            faults.append(f"{path}: {value!r} does not match {pattern}")


def check_integer(value, shape, path, faults):
    if expect_type(value, (int,), path, faults):
        check_range(value, shape, path, faults)


def check_number(value, shape, path, faults):
    expect_type(value, (int, float), path, faults)


def check_boolean(value, shape, path, faults):
    expect_type(value, (bool,), path, faults)
