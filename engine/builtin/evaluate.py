"""Scores the shipped files on the held-out sets: `python -m localm.engine.builtin.evaluate`.

Greedy and with the file's own sampling, thinking on and off, through llama.cpp's chat handler;
`--mlx` also counts on how many questions mlx-lm writes the very same greedy text.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xllamacpp

from .cases import Case, Reply, cases
from .files import GGUF, MLX

_LONGEST = 300
_GREEDY: Mapping[str, object] = {"temperature": 0.0}


@dataclass(slots=True)
class Score:
    """Of how many questions how many passed, and how many replies ended by themselves."""

    asked: int = 0
    passed: int = 0
    ended: int = 0


def main() -> None:
    """Print one line a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, default=GGUF)
    parser.add_argument("--mlx", action="store_true", help="compare greedy text with mlx-lm")
    parser.add_argument("--failures", action="store_true", help="print what failed")
    given = parser.parse_args()
    server = open_server(given.gguf)
    ways = (("greedy, thinking", True, _GREEDY), ("greedy, not thinking", False, _GREEDY))
    for title, thinking, sampling in (*ways, ("as shipped", True, {})):
        print(f"== {title}")
        _print(_score(server, thinking, sampling, given.failures))
    if given.mlx:
        same, total = compare(server, given.gguf.parent / MLX.name)
        print(f"== greedy text equal to mlx-lm's: {same} of {total}")
    sys.stdout.flush()
    os._exit(0)  # the native server can hang when it is torn down


def open_server(path: Path) -> Any:
    """llama.cpp with the model at `path`."""
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(params)


def reply_to(server: Any, body: Mapping[str, object]) -> dict[str, Any]:
    """The one choice of a chat completion."""
    answer = server.handle_chat_completions({"max_tokens": _LONGEST, **body})
    if "choices" not in answer:
        raise RuntimeError(json.dumps(answer))
    choice: dict[str, Any] = answer["choices"][0]
    return choice


def _body(case: Case, thinking: bool, sampling: Mapping[str, object]) -> dict[str, object]:
    body: dict[str, object] = {"messages": [{"role": "user", "content": case.ask}], **sampling}
    if case.tools:
        body["tools"] = [tool.to_wire() for tool in case.tools]
    if not thinking:
        body["chat_template_kwargs"] = {"enable_thinking": False}
    return body


def _score(
    server: Any, thinking: bool, sampling: Mapping[str, object], failures: bool
) -> dict[str, Score]:
    scores: dict[str, Score] = defaultdict(Score)
    for case in cases():
        choice = reply_to(server, _body(case, thinking, sampling))
        message = choice["message"]
        calls = tuple(_call(call["function"]) for call in message.get("tool_calls") or ())
        reply = Reply(message.get("content") or "", calls)
        score, passed = scores[case.skill], case.passes(reply)
        score.asked += 1
        score.passed += passed
        score.ended += choice["finish_reason"] != "length"
        if failures and not passed:
            thought = message.get("reasoning_content")
            print(f"  {case.skill}: {case.ask!r} -> {reply.text!r} {calls} thought {thought!r}")
    return scores


def _call(function: Mapping[str, str]) -> tuple[str, object]:
    try:
        return function["name"], json.loads(function["arguments"])
    except json.JSONDecodeError:  # cut off by the limit
        return function["name"], function["arguments"]


def _print(scores: Mapping[str, Score]) -> None:
    for skill, score in scores.items():
        share = round(100 * score.passed / score.asked)
        print(f"{skill:16} {share:3} % of {score.asked:3}, ended {score.ended}")


def compare(server: Any, folder: Path) -> tuple[int, int]:
    """On how many questions llama.cpp and mlx-lm write the same text, token by token chosen."""
    import mlx_lm

    model, tokenizer = mlx_lm.load(str(folder))[:2]
    same = total = 0
    for case in list(cases())[::3]:
        tools = [tool.to_wire() for tool in case.tools] or None
        messages = [{"role": "user", "content": case.ask}]
        prompt = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True)
        theirs = mlx_lm.generate(model, tokenizer, prompt, max_tokens=_LONGEST)
        body = {"prompt": prompt, "n_predict": _LONGEST, "temperature": 0.0}
        ours = server.handle_completions({**body, "max_tokens": _LONGEST})["choices"][0]["text"]
        same += ours == theirs
        total += 1
    return same, total


if __name__ == "__main__":
    main()
