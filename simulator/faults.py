"""Faults on request: the table of what can go wrong, and the box of those that are armed."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from simulator.errors import invalid

# When a fault strikes: instead of the work, as its outcome, or in place of the answer once the work was
# accepted.
BEFORE, OUTCOME, AFTER = "before", "outcome", "after"
# What a request asks for; a fault strikes only the kinds of its row.
SUBMIT, GENERATE, POLL, DOWNLOAD, TOKEN, OTHER = "submit", "generate", "poll", "download", "token", "other"
PAID = frozenset({SUBMIT, GENERATE})

_SUBJECTS_KEPT = 10_000
_DIRECTIVE = re.compile(r"\[simulate:\s*([a-z0-9-]+)((?:\s+[a-z_]+=[^\s\]]+)*)\s*\]", re.IGNORECASE)


@dataclass(frozen=True)
class FaultKind:
    """When a fault strikes and whom; `anywhere` lets a method or path in its match widen that to any
    request."""

    stage: str
    kinds: frozenset[str]
    anywhere: bool = False
    parameters: tuple[str, ...] = ()


FAULTS: dict[str, FaultKind] = {
    "rate-limit": FaultKind(BEFORE, PAID, anywhere=True, parameters=("seconds",)),
    "daily-quota": FaultKind(BEFORE, PAID, anywhere=True),
    "overloaded": FaultKind(BEFORE, PAID, anywhere=True),
    "internal": FaultKind(BEFORE, PAID, anywhere=True),
    "unauthenticated": FaultKind(BEFORE, PAID, anywhere=True),
    "permission-denied": FaultKind(BEFORE, PAID, anywhere=True),
    "model-gone": FaultKind(BEFORE, PAID, anywhere=True),
    "html": FaultKind(BEFORE, PAID, anywhere=True, parameters=("code",)),
    "garbage": FaultKind(BEFORE, PAID, anywhere=True),
    "drop-before": FaultKind(BEFORE, PAID, anywhere=True),
    "hang": FaultKind(BEFORE, PAID, anywhere=True),
    "slow": FaultKind(BEFORE, PAID, anywhere=True, parameters=("seconds",)),
    "safety": FaultKind(OUTCOME, PAID, parameters=("code",)),
    "safety-run": FaultKind(OUTCOME, frozenset({SUBMIT}), parameters=("code",)),
    "safety-output": FaultKind(OUTCOME, PAID, parameters=("code",)),
    "safety-partial": FaultKind(OUTCOME, frozenset({SUBMIT}), parameters=("filtered",)),
    "no-image": FaultKind(OUTCOME, frozenset({GENERATE})),
    "operation-error": FaultKind(OUTCOME, frozenset({SUBMIT}), parameters=("code",)),
    "empty-done": FaultKind(OUTCOME, frozenset({SUBMIT})),
    "stream-error": FaultKind(OUTCOME, frozenset({GENERATE})),
    "accept-drop": FaultKind(AFTER, PAID),
    "accept-500": FaultKind(AFTER, PAID),
    "accept-503": FaultKind(AFTER, PAID),
    "accept-429": FaultKind(AFTER, PAID),
    "accept-hang": FaultKind(AFTER, PAID),
    "cut": FaultKind(AFTER, PAID, anywhere=True),
    "poll-429": FaultKind(BEFORE, frozenset({POLL})),
    "poll-500": FaultKind(BEFORE, frozenset({POLL})),
    "poll-404": FaultKind(BEFORE, frozenset({POLL})),
    "poll-drop": FaultKind(BEFORE, frozenset({POLL})),
    "download-404": FaultKind(BEFORE, frozenset({DOWNLOAD})),
    "download-other-host": FaultKind(OUTCOME, frozenset({DOWNLOAD})),
    "download-cut": FaultKind(AFTER, frozenset({DOWNLOAD})),
    "token-error": FaultKind(BEFORE, frozenset({TOKEN})),
}


@dataclass
class Fault:
    """One armed fault: its name, whom it strikes, how many times more (None: always) and its parameters."""

    name: str
    match: dict[str, str] = field(default_factory=dict)
    times: int | None = 1
    params: dict[str, Any] = field(default_factory=dict)

    def strikes(self, stage: str, target: Target) -> bool:
        """Whether this fault is meant for that request at that stage."""
        row = FAULTS[self.name]
        aimed = row.anywhere and ("path" in self.match or "method" in self.match)
        return (
            row.stage == stage
            and (aimed or target.kind in row.kinds)
            and self.match.get("method", target.method).upper() == target.method
            and self.match.get("path", "") in target.path
            and self.match.get("prompt", "") in target.prompt
        )

    def number(self, name: str, default: float) -> float:
        """A parameter as a number; 400 when it is none."""
        try:
            return float(self.params.get(name, default))
        except (TypeError, ValueError):
            raise invalid(f"simulated fault {self.name}: {name} must be a number") from None

    def shown(self) -> dict[str, Any]:
        """The fault as the control API shows it."""
        return {"fault": self.name, "match": self.match, "times": self.times, **self.params}


@dataclass(frozen=True)
class Target:
    """The request a fault may strike; `subject` is what a directive's count belongs to (an operation, a
    prompt)."""

    kind: str
    method: str
    path: str
    prompt: str = ""
    subject: str = ""


class FaultBox:
    """The armed faults, and how often each directive inside a prompt has struck already."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._struck: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    def arm(self, order: dict[str, Any]) -> Fault:
        """Arm `{"fault", "match", "times", …params}`; 400 for an unknown name, match or parameter."""
        params = {key: value for key, value in order.items() if key not in {"fault", "match", "times"}}
        match = order.get("match") or {}
        times = order.get("times", 1)
        if not isinstance(match, dict) or not set(match) <= {"method", "path", "prompt"}:
            raise invalid("match holds method, path and prompt only")
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise invalid("times is a whole number from 1, or null for always")
        fault = Fault(
            _known(str(order.get("fault")), params), {k: str(v) for k, v in match.items()}, times, params
        )
        self._armed.append(fault)
        return fault

    def disarm(self) -> None:
        """Forget every armed fault and every count."""
        self._armed.clear()
        self._struck.clear()

    def shown(self) -> list[dict[str, Any]]:
        """The faults still armed."""
        return [fault.shown() for fault in self._armed]

    def take(self, stage: str, target: Target) -> list[Fault]:
        """The faults that strike this request now, in order, each counted; only delays may precede
        another."""
        taken: list[Fault] = []
        for fault in [*self._armed, *directives(target.prompt)]:
            if not fault.strikes(stage, target) or not self._spend(fault, target):
                continue
            taken.append(fault)
            if fault.name != "slow":
                break
        return taken

    def _spend(self, fault: Fault, target: Target) -> bool:
        if any(fault is armed for armed in self._armed):
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._armed = [armed for armed in self._armed if armed is not fault]
            return True
        if fault.times is None:
            return True
        key = (target.kind, target.subject or target.prompt, fault.name)
        struck = self._struck.pop(key, 0) + 1
        self._struck[key] = struck
        if len(self._struck) > _SUBJECTS_KEPT:
            self._struck.popitem(last=False)
        return struck <= fault.times


def directives(prompt: str) -> list[Fault]:
    """The faults asked for inside a prompt, like `[simulate: slow seconds=2]`; 400 for an unknown name.

    Without `times` a directive strikes polls and downloads once an operation, and everything else every time.
    """
    found = []
    for name, words in _DIRECTIVE.findall(prompt):
        params: dict[str, Any] = dict(word.split("=", 1) for word in words.split())
        given = params.pop("times", None)
        once = FAULTS[_known(name.lower(), params)].kinds & {POLL, DOWNLOAD}
        times = int(given) if given is not None and given.isdigit() else (1 if once else None)
        found.append(Fault(name.lower(), {}, times, params))
    return found


def _known(name: str, params: dict[str, Any]) -> str:
    if name not in FAULTS:
        raise invalid(f"unknown simulated fault {name!r}; known: {', '.join(FAULTS)}")
    strange = set(params) - set(FAULTS[name].parameters)
    if strange:
        allowed = ", ".join(FAULTS[name].parameters) or "none"
        raise invalid(f"simulated fault {name}: unknown parameter {min(strange)!r}; known: {allowed}")
    return name
