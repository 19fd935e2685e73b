"""Writes golden.json: what PyTorch says of the layers, for the tests of TensorKit.

    python3 make_golden.py > golden.json

Inputs are not written: both sides draw them from the same SplitMix64 streams (HostKit's SeededRandom), as float32.
"""
import json

import numpy
import torch
import torch.nn.functional as F

MASK = (1 << 64) - 1


def numbers(seed, *shape, scale=1.0):
    """Evenly spread in -scale...scale; the same as `seededNumbers` in the tests."""
    state, drawn = seed, []
    for _ in range(int(numpy.prod(shape))):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        drawn.append(scale * (2 * ((z ^ z >> 31) >> 11) * 2.0**-53 - 1))
    return torch.tensor(drawn, dtype=torch.float64).float().double().reshape(shape)


def written(tensor):
    return [float(f"{v:.5g}") for v in tensor.detach().contiguous().flatten().tolist()]


def leaf(tensor):
    return tensor.clone().requires_grad_()


def convolution_unit(batch, height, width, inputs, outputs, pool, seed):
    """Convolution, batch norm in training, ReLU, max pooling. Pictures are NHWC here, NCHW in PyTorch."""
    x = leaf(numbers(seed, batch, height, width, inputs))
    weight = leaf(numbers(seed + 1, outputs, inputs, 3, 3, scale=0.3))
    gamma = leaf(1 + numbers(seed + 2, outputs, scale=0.5))
    beta = leaf(numbers(seed + 3, outputs, scale=0.5))
    mean, variance = numbers(seed + 4, outputs), 1 + numbers(seed + 5, outputs, scale=0.5)
    y = F.conv2d(x.permute(0, 3, 1, 2), weight, padding=1)
    y = F.batch_norm(y, mean, variance, gamma, beta, training=True, momentum=0.1, eps=1e-5)
    y = F.max_pool2d(F.relu(y), pool).permute(0, 2, 3, 1)
    y.backward(numbers(seed + 6, *y.shape))
    result = {
        "batch": batch, "height": height, "width": width, "inputs": inputs, "outputs": outputs,
        "pool_height": pool[0], "pool_width": pool[1], "seed": seed, "y": written(y), "dweight": written(weight.grad),
        "dgamma": written(gamma.grad), "dbeta": written(beta.grad), "running_mean": written(mean),
        "running_variance": written(variance),
    }
    if inputs > 1:
        result["dx"] = written(x.grad)
    return result


def bidirectional_lstm(time, batch, inputs, hidden, seed):
    lstm = torch.nn.LSTM(inputs, hidden, bidirectional=True).double()
    with torch.no_grad():
        for index, side in enumerate(["", "_reverse"]):
            getattr(lstm, f"weight_ih_l0{side}").copy_(numbers(seed + 3 * index + 1, 4 * hidden, inputs, scale=0.5))
            getattr(lstm, f"weight_hh_l0{side}").copy_(numbers(seed + 3 * index + 2, 4 * hidden, hidden, scale=0.5))
            getattr(lstm, f"bias_ih_l0{side}").copy_(numbers(seed + 3 * index + 3, 4 * hidden, scale=0.5))
            getattr(lstm, f"bias_hh_l0{side}").zero_()
    x = leaf(numbers(seed, time, batch, inputs))
    y, _ = lstm(x)
    y.backward(numbers(seed + 7, *y.shape))
    result = {
        "time": time, "batch": batch, "inputs": inputs, "hidden": hidden, "seed": seed, "y": written(y),
        "dx": written(x.grad),
    }
    for name, side in [("forward", ""), ("reverse", "_reverse")]:
        result[f"{name}.weight_ih"] = written(getattr(lstm, f"weight_ih_l0{side}").grad)
        result[f"{name}.weight_hh"] = written(getattr(lstm, f"weight_hh_l0{side}").grad)
        result[f"{name}.bias"] = written(getattr(lstm, f"bias_ih_l0{side}").grad)
    return result


def time_convolution(time, batch, inputs, outputs, kernel, seed):
    x = leaf(numbers(seed, time, batch, inputs))
    weight = leaf(numbers(seed + 1, kernel, outputs, inputs))
    bias = leaf(numbers(seed + 2, outputs))
    y = F.conv1d(x.permute(1, 2, 0), weight.permute(1, 2, 0), bias, padding=kernel // 2).permute(2, 0, 1)
    y.backward(numbers(seed + 3, *y.shape))
    return {
        "time": time, "batch": batch, "inputs": inputs, "outputs": outputs, "kernel": kernel, "seed": seed,
        "y": written(y), "dx": written(x.grad), "dweight": written(weight.grad), "dbias": written(bias.grad),
    }


def ctc(time, classes, labels, blank, seed):
    """`blank` is added to the blank's scores."""
    batch = len(labels)
    scores = numbers(seed, time, batch, classes, scale=3.0)
    scores[:, :, 0] += blank
    scores = leaf(scores)
    losses = F.ctc_loss(
        F.log_softmax(scores, 2), torch.tensor([l for label in labels for l in label]), torch.full((batch,), time),
        torch.tensor([len(label) for label in labels]), reduction="none")
    losses.sum().backward()
    return {
        "time": time, "classes": classes, "labels": labels, "blank": blank, "seed": seed, "losses": written(losses),
        "dscores": written(scores.grad),
    }


def adamw(weight_decay, longest, steps, seed):
    decayed, plain = leaf(numbers(seed, 3, 7)), leaf(numbers(seed + 1, 5))
    optimizer = torch.optim.AdamW(
        [{"params": [decayed], "weight_decay": weight_decay}, {"params": [plain], "weight_decay": 0.0}],
        betas=(0.9, 0.98), eps=1e-8)
    rates = [0.01 * (step + 1) for step in range(steps)]
    for step, rate in enumerate(rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        decayed.grad = numbers(seed + 10 * (step + 1), 3, 7)
        plain.grad = numbers(seed + 10 * (step + 1) + 1, 5)
        torch.nn.utils.clip_grad_norm_([decayed, plain], longest)
        optimizer.step()
    return {
        "weight_decay": weight_decay, "longest": longest, "rates": rates, "seed": seed, "decayed": written(decayed),
        "plain": written(plain),
    }


def log_softmax(rows, classes, scale, seed):
    result = F.log_softmax(numbers(seed, rows, classes, scale=scale), 1)
    return {"rows": rows, "classes": classes, "scale": scale, "seed": seed, "y": written(result)}


print(json.dumps({
    "convolution_unit": [
        convolution_unit(2, 4, 6, 1, 16, (2, 2), 100), convolution_unit(1, 6, 4, 16, 16, (2, 1), 200),
        convolution_unit(2, 3, 3, 1, 32, (3, 1), 300), convolution_unit(1, 2, 5, 32, 16, (1, 1), 400),
    ],
    "bidirectional_lstm": [bidirectional_lstm(4, 3, 5, 16, 500), bidirectional_lstm(1, 2, 3, 16, 600)],
    "time_convolution": [
        time_convolution(5, 2, 6, 4, 1, 700), time_convolution(5, 3, 6, 4, 3, 800),
        time_convolution(2, 1, 3, 2, 3, 900),
    ],
    "ctc": [
        ctc(8, 5, [[1, 2, 3], [4, 4], [2], [1, 2, 1, 2]], 0.0, 1000), ctc(12, 4, [[1, 1, 1], [3, 2, 3]], 6.0, 1100),
        ctc(7, 3, [[1, 1, 2, 2], [1, 2, 1, 2, 1, 2, 1]], -2.0, 1200),
    ],
    "adamw": [adamw(0.1, 100.0, 3, 1300), adamw(0.01, 0.5, 3, 1400)],
    "log_softmax": [log_softmax(3, 7, 2.0, 1500), log_softmax(2, 100, 40.0, 1600)],
}, separators=(",", ":")))
