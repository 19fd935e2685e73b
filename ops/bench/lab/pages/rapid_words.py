"""Cuts RapidOCR's lines into words; runs in the environment that has it.

Without this it could not be scored by words at all: its boxes are lines. A word is what stands between spaces of the
line's text; it reaches from its first letter's box to its last one's (the columns of the network's output), and then
down to the ink, for true polygons are tight.
"""

import cv2
import numpy as np

# Smallest spot of ink that counts, in pixels: less is dust.
LEAST_SPOT = 12


def words_of(picture, answer):
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    words = []
    for text, letters in zip(answer.txts or (), answer.word_results or ()):
        words += [
            {"text": word, "polygon": down_to_ink(grey, quad).tolist()} for word, quad in cut(text, letters)]
    return words


def cut(text, letters):
    """The words of a line, each with its quadrilateral. `letters` are (letter, confidence, box), without spaces."""
    boxes = [np.array(box, dtype=np.float32) for letter, _, box in letters for _ in letter if not letter.isspace()]
    start, found = 0, []
    for word in text.split():
        own = boxes[start:start + len(word)]
        start += len(word)
        if own:
            found.append((word, np.array([own[0][0], own[-1][1], own[-1][2], own[0][3]])))
    return found


def down_to_ink(grey, quad):
    """The part of the quadrilateral that has ink in it; the whole where there is none."""
    width = int(max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3])))
    height = int(max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])))
    if width < 4 or height < 4:
        return quad
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    transform = cv2.getPerspectiveTransform(quad, flat)
    crop = cv2.warpPerspective(grey, transform, (width, height), borderMode=cv2.BORDER_REPLICATE)
    _, ink = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, spots, _ = cv2.connectedComponentsWithStats(ink)
    spots = [spot for spot in spots[1:] if spot[4] >= LEAST_SPOT]
    if not spots:
        return quad
    left, top = min(spot[0] for spot in spots), min(spot[1] for spot in spots)
    right, bottom = max(spot[0] + spot[2] for spot in spots), max(spot[1] + spot[3] for spot in spots)
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], dtype=np.float32)
    return cv2.perspectiveTransform(corners, np.linalg.inv(transform))[0]
