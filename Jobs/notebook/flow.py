# %% [markdown]
# # Handwriting recognition on your own machine, with the SageMaker SDK
#
# The notebook trains two models on pages of handwriting, attaches to the training jobs, looks at what they measured,
# deploys both as one endpoint, reads a page and draws what was found, and cleans up. Nothing leaves this machine:
# `eval "$(htrctl env)"` has pointed the SDK, boto3 and the `aws` command to htrd. The code is what one would run against
# AWS, but for the names of the images.
#
# Variables: `MINUTES` of training for each model (1), `DATA` a folder with `train.manifest` and `test.manifest` of your
# own (synthetic ones are made if it is not set).

# %%
import base64
import html
import json
import os
import pathlib
import subprocess
import tempfile
import time

# Version 2 of the SDK says at every step that there is a version 3.
os.environ.setdefault("SAGEMAKER_SUPPRESS_V2_WARNING", "1")

import boto3
import sagemaker
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.pipeline import PipelineModel
from sagemaker.predictor import Predictor
from sagemaker.serializers import IdentitySerializer

session = sagemaker.Session()
bucket = session.default_bucket()
role = "arn:aws:iam::000000000000:role/htr"
minutes = os.environ.get("MINUTES", "1")
name = "notebook-" + time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime())
work = pathlib.Path(os.environ.get("WORK") or tempfile.mkdtemp(prefix="htr-notebook-"))
print("bucket", bucket, "- files in", work)

# %% [markdown]
# ## Data
#
# A manifest is a file of JSON lines in the form of Ground Truth: an image, and for each word a polygon and its text.

# %%
data = os.environ.get("DATA")
if not data:
    data = str(work / "pages")
    subprocess.run([os.environ.get("HTRCTL", "htrctl"), "data", "synthesise", "--to", data, "--words", "0",
                    "--pages", os.environ.get("PAGES", "150")], check=True)
data = pathlib.Path(data)
for manifest in sorted(data.glob("**/*.manifest")):
    lines = manifest.read_text().splitlines()
    print(manifest.relative_to(data), len(lines), "images; the first:", lines[0][:200])

# %%
inputs = session.upload_data(str(data), bucket=bucket, key_prefix=f"{name}/data")
print(inputs)

# %% [markdown]
# ## Training
#
# Metrics are what regular expressions find in the log, as on SageMaker. Both jobs are started without waiting; the first
# is then attached to, as one would from another notebook.

# %%
number = r"([0-9\.]+)"


def estimator(image, metrics):
    return Estimator(
        image_uri=image, role=role, instance_count=1, instance_type="ml.c5.4xlarge", sagemaker_session=session,
        hyperparameters={"minutes": minutes}, output_path=f"s3://{bucket}/{name}",
        metric_definitions=[{"Name": key, "Regex": regex} for key, regex in metrics.items()])


finder = estimator("htr/word-segmentation", {
    "total_loss": f"total_loss: {number}", "test:hmean": rf"^Test precision .* hmean {number}"})
reader = estimator("htr/text-recognition", {
    "train:loss": f"Train loss {number}", "test:loss": f"Test loss {number}", "test:cer": f"Test CER {number}"})
channels = {"train": inputs, "test": inputs}
finder.fit(channels, job_name=f"{name}-finder", wait=False)
reader.fit(channels, job_name=f"{name}-reader", wait=False)

# %%
attached = Estimator.attach(f"{name}-finder", sagemaker_session=session)
session.logs_for_job(f"{name}-reader", wait=True)
print(attached.model_data, reader.model_data, sep="\n")

# %% [markdown]
# ## Metrics

# %%
series = TrainingJobAnalytics(f"{name}-reader", metric_names=["train:loss", "test:loss", "test:cer"],
                              sagemaker_session=session).dataframe()
print(series.to_string())
try:
    import matplotlib.pyplot as plot

    for metric, points in series.groupby("metric_name"):
        plot.plot(points["timestamp"], points["value"], label=metric)
    plot.xlabel("seconds")
    plot.legend()
    plot.savefig(work / "metrics.png")
except ImportError:
    print("matplotlib is not installed: no plot")
boto = boto3.client("sagemaker")
print(boto.describe_training_job(TrainingJobName=f"{name}-reader")["FinalMetricDataList"])

# %% [markdown]
# ## One endpoint of two models
#
# The word finder cuts a page into words, the reader reads them: two containers in a row.

# %%
models = [
    Model(image_uri="htr/word-segmentation", model_data=attached.model_data, role=role, sagemaker_session=session),
    Model(image_uri="htr/text-recognition", model_data=reader.model_data, role=role, sagemaker_session=session)]
pipeline = PipelineModel(models=models, role=role, name=name, sagemaker_session=session)
pipeline.deploy(initial_instance_count=1, instance_type="ml.m5.large", endpoint_name=name)
boto.get_waiter("endpoint_in_service").wait(EndpointName=name)
print(boto.describe_endpoint(EndpointName=name)["EndpointStatus"])

# %% [markdown]
# ## Reading a page that the models have not seen

# %%
line = None
for manifest in sorted(data.glob("**/test.manifest")):
    for text in manifest.read_text().splitlines():
        candidate = json.loads(text)
        place = manifest.parent / candidate["source-ref"]
        if line is None or place.stat().st_size > (line[0].stat().st_size):
            line = (place, candidate)
page = line[0]
kind = "image/png" if page.suffix == ".png" else "image/jpeg"
predictor = Predictor(name, sagemaker_session=session, serializer=IdentitySerializer(content_type=kind),
                      deserializer=JSONDeserializer())
answer = predictor.predict(page.read_bytes())
print(json.dumps(answer)[:500])

# %% [markdown]
# ## The overlay: what was read, where it was found

# %%
def words_of(value):
    """Every word with a text and a polygon, wherever in the answer it lies."""
    if isinstance(value, dict):
        if "polygon" in value and "text" in value:
            yield value
        for child in value.values():
            yield from words_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from words_of(child)


found = list(words_of(answer))
width, height = answer.get("width", 1000), answer.get("height", 1000)
shapes = []
for word in found:
    points = [(p["x"], p["y"]) if isinstance(p, dict) else tuple(p) for p in word["polygon"]]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    shapes.append(f'<polygon points="{outline}" fill="none" stroke="#d33"/><text x="{points[0][0]:.1f}" y="{points[0][1]:.1f}" '
                  f'font-size="14" fill="#06c">{html.escape(word["text"])}</text>')
image = base64.b64encode(page.read_bytes()).decode()
overlay = work / "overlay.svg"
overlay.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
                   f'<image href="data:{kind};base64,{image}" width="{width}" height="{height}"/>{"".join(shapes)}</svg>')
print(len(found), "words read; the overlay is", overlay)

# %% [markdown]
# ## Cleaning up

# %%
predictor.delete_endpoint()
boto.get_waiter("endpoint_deleted").wait(EndpointName=name)
boto.delete_model(ModelName=name)
boto3.resource("s3").Bucket(bucket).objects.filter(Prefix=f"{name}/").delete()
print("Deleted the endpoint, the model and the objects; the jobs' records stay.")
