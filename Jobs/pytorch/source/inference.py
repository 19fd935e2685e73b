"""Serves what train.py has trained: the image of a word in, its text out."""

import json
import os

import torch

from network import Recogniser, batch, image_tensor, texts


def model_fn(folder):
    saved = torch.load(os.path.join(folder, "model.pt"), weights_only=True)
    model = Recogniser(len(saved["alphabet"]))
    model.load_state_dict(saved["weights"])
    return model.eval(), saved["alphabet"]


def input_fn(body, content_type):
    if content_type not in ("image/png", "image/jpeg"):
        raise ValueError(f"{content_type} is no type of an image: send image/png or image/jpeg")
    return image_tensor(body)


def predict_fn(image, model):
    network, alphabet = model
    with torch.no_grad():
        return {"text": texts(network(batch([image])), alphabet)[0]}


def output_fn(answer, accept):
    return json.dumps(answer), "application/json"
