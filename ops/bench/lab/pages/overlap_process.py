"""Measures how polygons overlap; runs in an environment that has shapely, so that no code of htr's judges htr.

Input, for each page: the polygons that are there ("truth"), whether each counts, those that were found. Output, for
each page: every pair that shares area as [truth, found, intersection over union], the best first, and the found ones
that lie for more than half on something that does not count.
"""

import json
import sys

from shapely import STRtree
from shapely.geometry import Polygon


def shape(points):
    """The area inside the points; of a line that crosses itself, what mending makes of it."""
    made = Polygon(points)
    return made if made.is_valid else made.buffer(0)


def overlaps(page):
    truth, found = [shape(points) for points in page["truth"]], [shape(points) for points in page["found"]]
    pairs, ignored = [], set()
    tree = STRtree(truth)
    for number, region in enumerate(found):
        for index in map(int, tree.query(region)):
            shared = truth[index].intersection(region).area
            if not page["counts"][index]:
                if shared > 0.5 * region.area:
                    ignored.add(number)
            elif shared > 0:
                pairs.append([index, number, shared / (truth[index].area + region.area - shared)])
    return {"pairs": sorted(pairs, key=lambda pair: (-pair[2], *pair[:2])), "ignored": sorted(ignored)}


if __name__ == "__main__":
    json.dump([overlaps(page) for page in json.load(sys.stdin)], sys.stdout)
