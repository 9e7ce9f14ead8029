"""Muon for the matrices inside, AdamW for the embedding and the norms."""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

_MATRIX_RATE = 0.0045
_OTHER_RATE = 3e-3


class Muon(torch.optim.Optimizer):
    """Momentum whose step is orthogonalised; matrices of one shape are treated together."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float = _MATRIX_RATE) -> None:
        super().__init__(weights, {"lr": lr, "momentum": 0.95, "decay": 0.05})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        """One step on every matrix."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                shapes[weight.shape].append(weight)
            for shape, weights in shapes.items():
                self._step_together(shape, weights, group)

    def _step_together(
        self, shape: torch.Size, weights: list[Tensor], group: dict[str, float]
    ) -> None:
        steps = []
        for weight in weights:
            gradient = weight.grad
            assert gradient is not None
            state = self.state[weight]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(weight)
            momentum = state["momentum"]
            momentum.lerp_(gradient, 1 - group["momentum"])
            steps.append(gradient.lerp(momentum, group["momentum"]))
        rate = group["lr"]
        scale = rate * 0.2 * max(shape) ** 0.5
        for weight, step in zip(weights, orthogonalise(torch.stack(steps)), strict=True):
            weight.mul_(1 - rate * group["decay"]).sub_(step, alpha=scale)


def orthogonalise(stack: Tensor, rounds: int = 5) -> Tensor:
    """Newton-Schulz: the nearest matrices whose singular values are about one."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = stack.shape[-2] > stack.shape[-1]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


def make_optimizers(model: nn.Module) -> list[torch.optim.Optimizer]:
    """One optimizer for the matrices, one for the rest; each group remembers its full rate."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, weight in model.named_parameters():
        inside = weight.ndim == 2 and "embed" not in name
        (matrices if inside else others).append(weight)
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices),
        torch.optim.AdamW(others, lr=_OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["full_rate"] = group["lr"]
    return optimizers


def set_rate(optimizers: Iterable[torch.optim.Optimizer], factor: float) -> None:
    """Put every group at `factor` of its full rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["full_rate"] * factor
