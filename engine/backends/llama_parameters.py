"""Our load options as xllamacpp's parameters."""

import xllamacpp

from ..models.reference import ModelReference
from ..options import LoadOptions

_FLASH_ATTN = {"auto": "AUTO", "on": "ENABLED", "off": "DISABLED"}


def server_parameters(
    reference: ModelReference, options: LoadOptions, key: str
) -> "xllamacpp.CommonParams":
    """Parameters for a server of `reference` that answers only to who knows `key`.

    `n_ctx` and `n_parallel` must be said.
    """
    slots, batch = options.n_parallel or 1, options.n_batch or 256
    params = xllamacpp.CommonParams()
    params.model.path = reference.path
    params.n_parallel = slots
    params.n_ctx = (options.n_ctx or 0) * slots  # the engine divides its window over the slots
    params.n_batch = params.n_ubatch = batch
    if options.cache_ram_mib is not None:
        params.cache_ram_mib = options.cache_ram_mib
    if options.threads is not None:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    if options.gpu_layers is not None:
        params.n_gpu_layers = options.gpu_layers
    if options.flash_attn is not None:
        kind = f"LLAMA_FLASH_ATTN_TYPE_{_FLASH_ATTN[options.flash_attn]}"
        params.flash_attn_type = getattr(xllamacpp.llama_flash_attn_type, kind)
    if options.kv_type is not None:
        kind = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{options.kv_type.upper()}")
        params.cache_type_k = params.cache_type_v = kind
    _set_defaults(params)
    _guard(params, key)
    return params


def _set_defaults(params: "xllamacpp.CommonParams") -> None:
    """The product's own sampling defaults; `general.sampling.*` keys in the file go before."""
    params.sampling.temp = 1.0
    params.sampling.top_p = 0.95
    params.sampling.top_k = 64
    params.sampling.min_p = 0.0
    params.verbosity = 2
    params.warmup = False


def _guard(params: "xllamacpp.CommonParams", key: str) -> None:
    """Every server opens a loopback port; without the key it answers nobody."""
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.cors_origins = "localhost"
    params.ui = False
    params.endpoint_slots = False
    params.n_threads_http = 2
