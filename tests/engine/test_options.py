"""Options: typed, checked, and merged from the nearest source outwards."""

import pytest

from localm.engine.errors import InvalidOption
from localm.engine.options import LoadOptions, Sampling, parse_pairs


def test_an_explicit_zero_is_not_overruled() -> None:
    merged = Sampling(temperature=0.0, top_k=0).over(Sampling(temperature=0.7, top_k=40, seed=1))
    assert merged == Sampling(temperature=0.0, top_k=0, seed=1)


def test_stop_strings_of_the_nearer_source_replace_the_others() -> None:
    assert Sampling(stop=("a",)).over(Sampling(stop=("b", "c"))).stop == ("a",)
    assert Sampling().over(Sampling(stop=("b",))).stop == ("b",)


def test_pairs_are_sorted_into_sampling_and_loading() -> None:
    sampling, loading = parse_pairs([("min-p", "0.1"), ("n_ctx", "4096"), ("stop", "END")])
    assert sampling == Sampling(min_p=0.1, stop=("END",))
    assert loading == LoadOptions(n_ctx=4096)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("n_ctxx", "1", "There is no option 'n_ctxx'."),
        ("n_ctx", "many", "n_ctx must be a whole number, not 'many'."),
        ("n_ctx", "4.5", "n_ctx must be a whole number, not '4.5'."),
        ("n_ctx", "0", "n_ctx must be from 256 to 16777216, not 0."),
        ("min_p", "2", "min_p must be from 0 to 1, not 2.0."),
        ("min_p", "nan", "min_p must be from 0 to 1, not nan."),
        ("kv_type", "q3", "kv_type must be one of f16, q8_0, q4_0, not 'q3'."),
    ],
)
def test_a_wrong_pair_is_named(key: str, value: str, sentence: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        parse_pairs([(key, value)])
    assert caught.value.message == sentence


def test_the_nearest_option_is_suggested() -> None:
    with pytest.raises(InvalidOption) as caught:
        parse_pairs([("n_ctxx", "1")])
    assert caught.value.hint == "Did you mean n_ctx?"


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": -1.0},
        {"temperature": float("inf")},
        {"top_p": 1.5},
        {"top_k": -1},
        {"max_tokens": 0},
        {"seed": -1},
        {"seed": 2**32 - 1},
        {"stop": ("",)},
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(InvalidOption):
        Sampling(**values)  # type: ignore[arg-type]


def test_load_options_are_the_same_after_the_wire() -> None:
    options = LoadOptions(n_ctx=512, kv_type="q8_0", cache_ram_mib=0)
    assert LoadOptions.from_wire(options.to_wire()) == options
