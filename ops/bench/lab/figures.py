"""Measured values as rows of a table, and as JSON."""

import math
from dataclasses import dataclass, field


@dataclass
class Goal:
    """A limit on one statistic: `Goal("p99", "<=", 10)`."""
    statistic: str
    relation: str
    limit: float

    def is_met(self, value):
        return value <= self.limit if self.relation == "<=" else value >= self.limit

    def __str__(self):
        return f"{self.statistic} {'≤' if self.relation == '<=' else '≥'} {figure(self.limit)}"


@dataclass
class Row:
    """One measurement: a time for each sample, or a rate for each round."""
    what: str
    unit: str
    values: list
    goals: list = field(default_factory=list)
    is_rival: bool = False

    def statistic(self, name):
        return quantile(self.values, int(name[1:]) / 100)

    @property
    def verdict(self):
        faults = []
        for goal in self.goals:
            value = self.statistic(goal.statistic)
            if not goal.is_met(value):
                faults.append(f"{goal.statistic} {figure(value)}")
        return "" if not self.goals else f"MISSED ({', '.join(faults)})" if faults else "met"

    def json(self):
        return {
            "what": self.what, "unit": self.unit, "n": len(self.values), "p50": self.statistic("p50"),
            "p99": self.statistic("p99"), "min": min(self.values), "max": max(self.values),
            "goals": [str(goal) for goal in self.goals], "verdict": self.verdict, "rival": self.is_rival,
        }


def quantile(values, part):
    """The value at that part of the sorted list (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def figure(value):
    """Three significant digits, or whole numbers with their thousands apart."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def ratios(rows):
    """For each rival its median over that of our row before it in the same unit; None for our own rows."""
    ours, found = {}, []
    for row in rows:
        base = ours.get(row.unit, 0)
        found.append(row.statistic("p50") / base if row.is_rival and base else None)
        if not row.is_rival:
            ours[row.unit] = row.statistic("p50")
    return found


def show(title, rows, notes):
    """Prints a table."""
    print(f"\n{title}")
    cells = [("", "n", "p50", "p99", "min..max", "unit", "to ours", "goal", "")]
    for row, ratio in zip(rows, ratios(rows)):
        # A quantile of a few rounds says no more than the range does.
        p99 = figure(row.statistic("p99")) if len(row.values) >= 50 else "–"
        cells.append((
            row.what, str(len(row.values)), figure(row.statistic("p50")), p99,
            f"{figure(min(row.values))}..{figure(max(row.values))}", row.unit,
            f"{ratio:.2f}×" if ratio else "", ", ".join(map(str, row.goals)), row.verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print("  " + "  ".join(
            text.ljust(width) if column in (0, 5, 7, 8) else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths))).rstrip())
    for note in notes:
        print(f"  · {note}")
