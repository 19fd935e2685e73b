"""Runs `ketos`, or reads crops with a model of it (--read); runs in the environment that has kraken."""

import json
import sys

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    # Its compiled operators fit another build of PyTorch. kraken needs none of them, but they must have names.
    for name in [module for module in sys.modules if module.startswith("torchvision")]:
        del sys.modules[name]
    for name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def read():
    from kraken.configs import RecognitionInferenceConfig
    from kraken.containers import BBoxLine, Segmentation
    from kraken.tasks import RecognitionTaskModel
    from PIL import Image

    order = json.load(sys.stdin)
    torch.set_num_threads(order["threads"])
    model = RecognitionTaskModel.load_model(order["model"])
    config = RecognitionInferenceConfig()
    texts = []
    for path in order["images"]:
        image = Image.open(path)
        whole = BBoxLine(id="line", bbox=(0, 0, image.width, image.height))
        lines = Segmentation(
            type="bbox", imagename=path, text_direction="horizontal-lr", script_detection=False, lines=[whole])
        texts.append("".join(record.prediction for record in model.predict(image, lines, config)))
    print("\n" + json.dumps(texts))


if __name__ == "__main__":
    if sys.argv[1:] == ["--read"]:
        read()
    else:
        from kraken.ketos import cli
        cli()
