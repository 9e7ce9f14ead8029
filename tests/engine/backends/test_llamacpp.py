"""xllamacpp in its worker, on models with random weights: what is asked for is what happens."""

from pathlib import Path

import pytest

from localm.engine.backend import Capabilities
from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.events import Error, Finished, Usage
from localm.engine.messages import user
from localm.engine.options import Sampling, ThinkingMode
from localm.engine.request import GenerateRequest

from ...random_models import CHATML, TINY, write_random_model
from .conftest import LONG, load, text


def test_the_window_is_what_one_request_may_use(client: Client, tiny_model: Path) -> None:
    loaded = load(client, tiny_model, n_ctx=512, n_parallel=4)
    assert loaded.capabilities == Capabilities(512, 32768, False, False, False)


def test_the_window_is_at_most_8192_unless_said(client: Client, tiny_model: Path) -> None:
    assert load(client, tiny_model).capabilities.window == 8192


def test_usage_and_timings_come_with_every_reply(small: Client) -> None:
    *_, usage, finished = small.generate(LONG, CancelToken())
    assert isinstance(usage, Usage)
    assert isinstance(finished, Finished)
    assert finished.reason in ("length", "stop")
    assert usage.prompt_tokens == small.render(LONG).tokens
    assert 0 < usage.completion_tokens <= 150
    assert min(usage.first_token_ms, usage.prefill_ms, usage.decode_ms) > 0


def test_a_second_turn_reuses_what_is_cached(small: Client) -> None:
    list(small.generate(LONG, CancelToken()))
    *_, usage, _ = small.generate(LONG, CancelToken())
    assert isinstance(usage, Usage)
    assert usage.cached_tokens > 0


def test_render_gives_the_template_s_prompt_and_its_tokens(small: Client) -> None:
    rendered = small.render(GenerateRequest((user("ab ab"),)))
    assert rendered.text == "<|im_start|>user\nab ab<|im_end|>\n<|im_start|>assistant\n"
    shorter = small.render(GenerateRequest((user("ab"),)))
    assert rendered.tokens - shorter.tokens == len([" ", "ab"])


def test_the_same_seed_gives_the_same_reply(small: Client) -> None:
    assert text(small.generate(LONG, CancelToken())) == text(small.generate(LONG, CancelToken()))


def test_temperature_zero_is_greedy(small: Client) -> None:
    asked = [
        GenerateRequest((user("go"),), Sampling(temperature=0, max_tokens=20, seed=seed))
        for seed in (1, 2)
    ]
    first, second = (text(small.generate(each, CancelToken())) for each in asked)
    assert first == second


@pytest.mark.parametrize(("asked", "greedy"), [(None, True), (64, False)])
def test_the_files_own_sampling_holds_until_a_request_says_otherwise(
    client: Client, tmp_path: Path, asked: int | None, greedy: bool
) -> None:
    load(client, write_random_model(tmp_path / "m.gguf", TINY, never_stop=True, top_k=1))
    requests = [
        GenerateRequest((user("go"),), Sampling(top_k=asked, max_tokens=20, seed=seed))
        for seed in (1, 2)
    ]
    first, second = (text(client.generate(each, CancelToken())) for each in requests)
    assert (first == second) is greedy


def test_a_stop_string_ends_the_reply_and_is_cut(small: Client) -> None:
    greedy = Sampling(temperature=0, max_tokens=20)
    whole = text(small.generate(GenerateRequest((user("go"),), greedy), CancelToken()))
    stop = whole[len(whole) // 2 :][:6]
    stopped = Sampling(temperature=0, max_tokens=20, stop=(stop,))
    *events, finished = small.generate(GenerateRequest((user("go"),), stopped), CancelToken())
    assert text(events) == whole[: whole.index(stop)]
    assert isinstance(finished, Finished)
    assert finished.reason == "stop"


def test_thinking_that_the_model_does_not_have_is_refused_not_ignored(small: Client) -> None:
    error, _ = small.generate(GenerateRequest((user("a"),), thinking="on"), CancelToken())
    assert isinstance(error, Error)
    assert error.kind == "unsupported"


@pytest.mark.parametrize(
    ("ending", "mode", "refused"),
    [
        # A template that opens a thought each time, one that reads thoughts, one with a switch.
        ("<think>\n", "off", True),
        ("<think>\n", "on", False),
        ("{# </think> #}", "off", False),
        ("{# </think> #}", "on", False),
        ("{% if not enable_thinking %}<think>\n\n</think>\n{% endif %}", "off", False),
        ("{% if not enable_thinking %}<think>\n\n</think>\n{% endif %}", "on", False),
    ],
)
def test_only_a_model_that_must_think_cannot_be_kept_from_it(
    client: Client, tmp_path: Path, ending: str, mode: ThinkingMode, refused: bool
) -> None:
    template = CHATML.replace("{% endif %}", f"{ending}{{% endif %}}")
    load(client, write_random_model(tmp_path / "m.gguf", TINY, template=template))
    request = GenerateRequest((user("a"),), Sampling(max_tokens=1), mode)
    events = list(client.generate(request, CancelToken()))
    assert any(isinstance(event, Error) for event in events) is refused
