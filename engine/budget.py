"""What fits a model's window, counted before a token is generated."""

from .errors import ContextOverflow


def check_window(prompt: int, max_tokens: int | None, window: int, largest: int) -> None:
    """Raise `ContextOverflow`, with the numbers, unless prompt and wanted reply fit `window`.

    All in tokens; `largest` is the window that the model was made for. At least one token must
    be left to answer; only a `max_tokens` that was given counts.
    """
    if prompt + (max_tokens or 1) <= window:
        return
    details = {"prompt_tokens": prompt, "window": window}
    if max_tokens is None or prompt + 1 > window:
        message = f"The prompt has {prompt:,} tokens; the window holds {window:,}."
        hint = "Shorten the prompt."
        if largest > window:
            hint = f"Shorten the prompt, or load a larger window: n_ctx, up to {largest:,}."
    else:
        details["max_tokens"] = max_tokens
        message = (
            f"The prompt's {prompt:,} tokens and max_tokens {max_tokens:,} are "
            f"{prompt + max_tokens:,}; the window holds {window:,}."
        )
        hint = f"At most {window - prompt:,} tokens are left for the reply."
    raise ContextOverflow(message, hint, details)
