"""A boto3 S3 client whose every answer is held against botocore's own model of the service."""

import xml.etree.ElementTree as ElementTree

import boto3
from botocore.config import Config

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def make_storage_client(faults, **config):
    """Endpoint, keys and region come from the environment, as for anybody."""
    client = boto3.session.Session().client("s3", config=Config(max_pool_connections=20, **config))

    def check(http_response, model, **_):
        hold(http_response, model, faults)

    client.meta.events.register("after-call.s3.*", check)
    return client


def hold(response, model, faults):
    """Holds one answer against the model; an object's bytes are left for whoever reads them."""
    if not response.headers.get("x-amz-request-id"):
        faults.append(f"{model.name}: no x-amz-request-id")
    if model.http["method"] == "HEAD" and response.content:
        faults.append(f"{model.name}: a HEAD's answer has a body")
    if response.status_code >= 400:
        check_error(response, model, faults)
    elif model.output_shape is not None and response.status_code != 304:
        check_answer(response, model, faults)


def check_error(response, model, faults):
    if model.http["method"] == "HEAD":
        return
    root = ElementTree.fromstring(response.content)
    if root.tag != "Error" or not all(root.findtext(name) for name in ("Code", "Message", "RequestId", "Resource")):
        faults.append(f"{model.name}: an error without Code, Message, RequestId or Resource: {response.content[:300]}")
    if response.headers.get("Content-Type") != "application/xml":
        faults.append(f"{model.name}: an error of type {response.headers.get('Content-Type')}")


def check_answer(response, model, faults):
    shape = model.output_shape
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
        if shape.type_name in ("blob", "string"):
            return
    elif not any(is_element(member) for member in shape.members.values()):
        if response.content:
            faults.append(f"{model.name}: a body where the model has none: {response.content[:100]}")
        return
    if response.headers.get("Content-Type") != "application/xml":
        faults.append(f"{model.name}: Content-Type {response.headers.get('Content-Type')}")
    root = ElementTree.fromstring(response.content)
    if not root.tag.startswith(NAMESPACE):
        faults.append(f"{model.name}: the root is {root.tag}")
    # GetBucketLocation's answer is its one member itself.
    if model.name != "GetBucketLocation":
        check_element(root, shape, model.name, faults)


def is_element(shape):
    return "location" not in shape.serialization


def name_in_xml(name, member):
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.serialization.get("name") or member.member.serialization.get("name") or name
    return member.serialization.get("name", name)


def check_element(element, shape, path, faults):
    if shape.type_name == "structure":
        check_members(element, shape, path, faults)
    elif shape.type_name == "list":
        expected = shape.member.serialization.get("name", "member")
        for child in element:
            if bare(child) != expected:
                faults.append(f"{path}: a {bare(child)} in a list of {expected}")
            check_element(child, shape.member, f"{path}[]", faults)
    else:
        check_text(element.text or "", shape, path, faults)


def check_members(element, shape, path, faults):
    members = {name_in_xml(name, member): (name, member)
               for name, member in shape.members.items() if is_element(member)}
    seen = set()
    for child in element:
        name, member = members.get(bare(child), (None, None))
        if member is None:
            faults.append(f"{path}: {bare(child)} is not in the model")
            continue
        flattened = member.type_name == "list" and member.serialization.get("flattened")
        if name in seen and not flattened:
            faults.append(f"{path}: {name} is there twice")
        seen.add(name)
        check_element(child, member.member if flattened else member, f"{path}.{name}", faults)
    for name in shape.required_members:
        if name not in seen and is_element(shape.members[name]):
            faults.append(f"{path}: {name} is missing")


def check_text(text, shape, path, faults):
    if shape.type_name in ("integer", "long") and not text.lstrip("-").isdigit():
        faults.append(f"{path}: {text!r} is no whole number")
    if shape.type_name == "boolean" and text not in ("true", "false"):
        faults.append(f"{path}: {text!r} is no boolean")
    enum = getattr(shape, "enum", None)
    if enum and text not in enum:
        faults.append(f"{path}: {text!r} is none of {enum}")


def bare(element):
    return element.tag.removeprefix(NAMESPACE)
