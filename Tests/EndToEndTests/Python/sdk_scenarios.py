"""The framework classes of the SageMaker SDK against a running htrd: PyTorch(...).fit, attach, PyTorchModel(...).deploy,
predict, clean-up. Neither training nor serving needs PyTorch itself here: the scripts use the standard library. Usage:
sdk_scenarios.py; says on stderr what is wrong."""

import os
import pathlib
import tempfile

os.environ.setdefault("SAGEMAKER_SUPPRESS_V2_WARNING", "1")

import boto3
import sagemaker
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.pytorch import PyTorch, PyTorchModel

TRAIN = """
import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float)
parser.add_argument("--word")
arguments = parser.parse_args()
for step in range(4):
    print(f"loss: {arguments.rate / (step + 1):.4f}", flush=True)
files = sorted(os.listdir(os.environ["SM_CHANNEL_TRAIN"]))
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as file:
    json.dump({"word": arguments.word, "files": files}, file)
"""
SERVE = """
import json, os

def model_fn(folder):
    with open(os.path.join(folder, "model.json")) as file:
        return json.load(file)

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(data, model):
    return {"said": [model["word"] + " " + each for each in data], "files": model["files"]}

def output_fn(answer, accept):
    return json.dumps(answer), accept
"""
ROLE = "arn:aws:iam::000000000000:role/service-role/Scribe"


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} instead of {expected!r}")


folder = pathlib.Path(tempfile.mkdtemp())
for place, text in (("code/train.py", TRAIN), ("serving/inference.py", SERVE), ("data/a.txt", "a"), ("data/b.txt", "b")):
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).write_text(text)

session = sagemaker.Session()
inputs = session.upload_data(str(folder / "data"), key_prefix="sdk/data")
estimator = PyTorch(
    entry_point="train.py", source_dir=str(folder / "code"), role=ROLE, instance_count=1, instance_type="ml.m5.large",
    framework_version="2.0", py_version="py310", hyperparameters={"rate": 0.5, "word": "dear"}, base_job_name="sdk",
    metric_definitions=[{"Name": "loss", "Regex": r"loss: ([0-9\.]+)"}])
estimator.fit({"train": inputs}, logs="None")
name = estimator.latest_training_job.name
attached = PyTorch.attach(name)
equal((attached.hyperparameters()["word"], attached.model_data), ('"dear"', estimator.model_data), "attached")
table = TrainingJobAnalytics(name, metric_names=["loss"]).dataframe()
equal(set(table["metric_name"]), {"loss"}, "metrics")

model = PyTorchModel(
    model_data=attached.model_data, role=ROLE, entry_point="inference.py", source_dir=str(folder / "serving"),
    framework_version="2.0", py_version="py310")
predictor = model.deploy(
    initial_instance_count=1, instance_type="ml.m5.large", endpoint_name=name,
    serializer=sagemaker.serializers.JSONSerializer(), deserializer=sagemaker.deserializers.JSONDeserializer())
equal(predictor.predict(["sir", "madam"]), {"said": ["dear sir", "dear madam"], "files": ["a.txt", "b.txt"]})
boto3.client("sagemaker").get_waiter("endpoint_in_service").wait(EndpointName=name)
predictor.delete_model()
predictor.delete_endpoint()
boto3.client("sagemaker").get_waiter("endpoint_deleted").wait(EndpointName=name)
