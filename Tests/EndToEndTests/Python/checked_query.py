"""boto3 clients of services that answer in XML (AWS's query protocol), every answer held against botocore's own model."""

import datetime
import xml.etree.ElementTree as ElementTree

import boto3

from checked_client import check_shape


def make_query_client(service, faults, **options):
    """Endpoint, keys and region come from the environment, as for anybody, or from the options."""
    client = boto3.session.Session().client(service, **options)

    def check(http_response, model, **_):
        hold(http_response, model, faults)

    client.meta.events.register(f"after-call.{service}.*", check)
    return client


def hold(response, model, faults):
    """Holds one answer in XML against the model."""
    namespace = model.service_model.metadata["xmlNamespace"]
    if response.headers.get("Content-Type") != "text/xml":
        faults.append(f"{model.name}: Content-Type {response.headers.get('Content-Type')}")
    root = ElementTree.fromstring(response.content)
    if response.status_code == 200:
        check_answer(root, model, namespace, faults)
    else:
        check_error(root, model, namespace, response.status_code, faults)


def check_answer(root, model, namespace, faults):
    space = "{" + namespace + "}"
    found = [child.tag for child in root]
    expected = [f"{space}{model.name}Result", f"{space}ResponseMetadata"]
    if root.tag != f"{space}{model.name}Response" or found != expected:
        faults.append(f"{model.name}: {root.tag} with {found}")
        return
    if not root.findtext(f"{space}ResponseMetadata/{space}RequestId"):
        faults.append(f"{model.name}: no RequestId")
    check_shape(value_of(root[0], model.output_shape), model.output_shape, model.name, faults)


def check_error(root, model, namespace, status, faults):
    space = "{" + namespace + "}"
    code, text, kind = (root.findtext(f"{space}Error/{space}{name}") for name in ("Code", "Message", "Type"))
    if not code or not text or kind != ("Sender" if status < 500 else "Receiver"):
        faults.append(f"{model.name}: an error without Code, Message or Type: {ElementTree.tostring(root)}")
    if not root.findtext(f"{space}RequestId"):
        faults.append(f"{model.name}: an error without RequestId")


def value_of(element, shape):
    """What an element says, in the types of its shape, so far as they fit: texts where they do not."""
    text = element.text or ""
    try:
        if shape.type_name == "structure":
            return {name_of(child): value_of(child, shape.members[name_of(child)])
                    if name_of(child) in shape.members else text for child in element}
        if shape.type_name == "list":
            return [value_of(child, shape.member) for child in element if name_of(child) == "member"]
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("double", "float"):
            return float(text)
        if shape.type_name == "boolean":
            return {"true": True, "false": False}[text]
        if shape.type_name == "timestamp":
            return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
    except (ValueError, KeyError):
        pass
    return text


def name_of(element):
    return element.tag.rpartition("}")[2]
