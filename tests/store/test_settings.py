"""What the user has set, and how a slip in it is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.store.errors import BadSetting
from localm.store.settings import (
    Settings,
    debug_wanted,
    from_environment,
    from_file,
    over,
    parse_file,
)


def _parse(text: str) -> Settings:
    return parse_file(Path("config.yaml"), text)


@pytest.mark.parametrize(
    ("variables", "settings"),
    [
        ({"LOCALM_TOP_P": "0.9"}, Settings(top_p=0.9)),
        ({"LOCALM_TOP_K": "40"}, Settings(top_k=40)),
        ({"LOCALM_TEMPERATURE": "0"}, Settings(temperature=0.0)),
        ({"LOCALM_THINK": "no"}, Settings(think=False)),
        ({"LOCALM_NO_STDIN": "1"}, Settings(no_stdin=True)),
        ({"LOCALM_NO_THINK": "1"}, Settings(think=False)),
        ({"LOCALM_NO_THINK": "1", "LOCALM_THINK": "1"}, Settings(think=True)),
        ({"LOCALM_STOP": "END"}, Settings(stop=("END",))),
        (
            {"LOCALM_OPTION": "n_ctx=512,threads=2"},
            Settings(option=(("n_ctx", "512"), ("threads", "2"))),
        ),
        ({"LLM_MODEL": "a.gguf"}, Settings(model="a.gguf")),
        ({"LLM_MODEL": "a.gguf", "LOCALM_MODEL": "b.gguf"}, Settings(model="b.gguf")),
        ({"LOCALM_MODEL": ""}, Settings()),
        ({"LOCALM_UNKNOWN": "1", "TOP_P": "1"}, Settings()),
    ],
)
def test_variables_set_options(variables: dict[str, str], settings: Settings) -> None:
    assert from_environment(variables) == settings


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", Settings()),
        ("temperature: 0", Settings(temperature=0.0)),
        ("seed: 7\nmodel: a.gguf", Settings(seed=7, model="a.gguf")),
        ("stop: [a, b]", Settings(stop=("a", "b"))),
        ("stop: a", Settings(stop=("a",))),
        ("option: {n_ctx: 512}", Settings(option=(("n_ctx", "512"),))),
        ("option: {flash_attn: on}", Settings(option=(("flash_attn", "on"),))),
        ("think: off", Settings(think=False)),
        ("no_think: true", Settings(think=False)),
        ("hide_thinking: true", Settings(show_thinking=False)),
        ("timeout: 30", Settings(timeout="30")),
        ("model:", Settings()),
    ],
)
def test_the_config_file_sets_options(text: str, settings: Settings) -> None:
    assert _parse(text) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("temprature: 1", "Did you mean temperature?"),
        ("temperature: hot", "must be a number"),
        ("top_k: 1.5", "must be a whole number"),
        ("think: perhaps", "must be 1 or 0"),
        ("- a", "must hold keys and values"),
        ("a: [", "is not valid YAML"),
        ("modle:", "Did you mean model?"),
        ("option: n_ctx", "must hold keys and values"),
        ("seed: .inf", "config.yaml: seed"),
        ("top_p: 7", "config.yaml: top_p: top_p must be from 0 to 1"),
        ("option: {n_ctxx: 1}", "Did you mean n_ctx?"),
    ],
)
def test_a_slip_in_the_file_is_named(text: str, said: str) -> None:
    with pytest.raises(BadSetting) as caught:
        _parse(text)
    assert said in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LOCALM_TOP_P", "much", "LOCALM_TOP_P must be a number"),
        ("LOCALM_TOP_P", "7", "LOCALM_TOP_P: top_p must be from 0 to 1"),
        ("LOCALM_TIMEOUT", "soon", "LOCALM_TIMEOUT: 'soon' is no duration"),
        ("LOCALM_TEMPRATURE", "1", "LOCALM_TEMPRATURE sets nothing"),
        ("LOCALM_OPTION", "n_ctx=8", "LOCALM_OPTION: n_ctx must be from 256"),
    ],
)
def test_a_slip_in_a_variable_names_the_variable(variable: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        from_environment({variable: value})


def test_a_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert from_file(tmp_path / "config.yaml") == Settings()


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadSetting, match="cannot be read"):
        from_file(tmp_path / "config.yaml")


def test_what_is_nearer_to_the_command_wins() -> None:
    upper = Settings(seed=1, think=False, option=(("n_ctx", "8"),))
    lower = Settings(seed=2, top_k=3, think=True, option=(("threads", "2"),))
    both = Settings(seed=1, top_k=3, think=False, option=(("threads", "2"), ("n_ctx", "8")))
    assert over(upper, lower) == both


@pytest.mark.parametrize("name", ["top_k", "top-k"])
def test_a_pair_hides_what_is_said_of_it_below(name: str) -> None:
    upper = Settings(option=((name, "1"), ("stop", "a")))
    lower = Settings(top_k=5, stop=("b",), option=(("top-k", "7"), ("threads", "2"), ("stop", "c")))
    assert over(upper, lower) == Settings(option=(("threads", "2"), (name, "1"), ("stop", "a")))


def test_what_is_extracted_is_no_stream_of_events() -> None:
    assert not over(Settings(extract=True), Settings(json_stream=True)).json_stream


def test_a_stream_of_events_is_not_extracted_from() -> None:
    assert not over(Settings(json_stream=True), Settings(extract=True)).extract


def test_a_config_file_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").symlink_to(tmp_path / "gone")
    with pytest.raises(BadSetting, match=r"config\.yaml"):
        from_file(tmp_path / "config.yaml")


def test_an_explicit_zero_wins() -> None:
    assert over(Settings(temperature=0.0), Settings(temperature=1.0)).temperature == 0.0


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("0", False), ("", False)])
def test_debug_can_be_wanted_by_variable(value: str, wanted: bool) -> None:
    assert debug_wanted({"LOCALM_DEBUG": value}) is wanted


@given(st.text())
def test_whatever_the_file_holds_is_settings_or_a_named_slip(text: str) -> None:
    assert isinstance(_read(text), Settings) or "config.yaml" in str(_read(text))


def _read(text: str) -> Settings | str:
    try:
        return _parse(text)
    except BadSetting as error:
        return error.message
