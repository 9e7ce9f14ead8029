"""Trains the built-in model: `python -m localm.engine.builtin.train --work FOLDER`.

Stages run in order, each from the checkpoint of the one before; a stage that has one is not run
again, and one that was interrupted goes on from where it last saved. The last step exports.
"""

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import torch
import torch.distributed as distributed
from torch import Tensor, multiprocessing

from .batches import Batches
from .corpus.mixture import COPYING, EVERYTHING, FINISH, draw
from .export import export
from .model import Decoder
from .optimizer import make_optimizers, set_rate
from .shape import SHAPE
from .tokenizer import load_tokenizer, train_tokenizer

_WARM_UP = 100
_SAVE_EVERY = 250


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training; `decays` brings the rate down to nothing at its end."""

    name: str
    weights: Mapping[str, float]
    steps: int
    repeats: float = 0.0
    decays: bool = False


STAGES = (
    Stage("copying", COPYING, 2400, repeats=0.4),
    Stage("everything", EVERYTHING, 2000),
    Stage("finish", FINISH, 3600, decays=True),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one training was asked to do; `minutes` of 0 means every step of every stage."""

    work: Path
    processes: int
    minutes: float

    def limit(self, stage: Stage) -> float:
        """The seconds this stage may take."""
        share = stage.steps / sum(each.steps for each in STAGES)
        return self.minutes * 60 * share if self.minutes else float("inf")


def main() -> None:
    """Train what is not trained yet, then export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--processes", type=int, default=2, help="processes, one thread each")
    parser.add_argument("--minutes", type=float, default=0, help="stop early, after so long")
    given = parser.parse_args()
    run = Run(given.work, given.processes, given.minutes)
    vocabulary = run.work / "tokenizer.json"
    if not vocabulary.exists():
        random = Random(1)
        train_tokenizer((draw(random, EVERYTHING).text() for _ in range(40_000)), vocabulary)
    for index, stage in enumerate(STAGES):
        if not _done(run, stage):
            multiprocessing.spawn(_work, (run, index), nprocs=run.processes)
    export(_checkpoint(run, STAGES[-1]), vocabulary)


def _checkpoint(run: Run, stage: Stage) -> Path:
    return run.work / f"{stage.name}.pt"


def _done(run: Run, stage: Stage) -> bool:
    path = _checkpoint(run, stage)
    return path.exists() and float(torch.load(path)["progress"]) >= 1


def _work(rank: int, run: Run, index: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    meeting = run.work / f"meeting-{os.getppid()}-{index}"
    distributed.init_process_group(
        "gloo", init_method=meeting.absolute().as_uri(), rank=rank, world_size=run.processes
    )
    _Trainer(rank, run, index).train()
    distributed.destroy_process_group()


class _Trainer:
    """One process's side of one stage."""

    def __init__(self, rank: int, run: Run, index: int) -> None:
        self.rank, self.run, self.stage = rank, run, STAGES[index]
        self.model = Decoder(SHAPE)
        self.optimizers = make_optimizers(self.model)
        self.step, self.spent, self.tokens = 0, 0.0, 0
        self._resume(index)
        self.warm_up = _WARM_UP if index == 0 and self.step == 0 else 20
        self.batches = Batches(
            load_tokenizer(run.work / "tokenizer.json"),
            self.stage.weights,
            self.stage.repeats,
            seed=1 + index * 1000 + rank + 17 * self.step,
        )

    def train(self) -> None:
        """Every step that is left."""
        begun, first = time.monotonic() - self.spent, self.step
        loss = 0.0
        for ids, learnt in islice(self.batches, self.stage.steps - self.step):
            progress = self._progress()
            if progress >= 1:
                break
            warm = min(1.0, (self.step - first + 1) / self.warm_up)
            set_rate(self.optimizers, warm * (1 - progress if self.stage.decays else 1))
            mean = self.model.loss(ids, learnt)
            mean.backward()  # type: ignore[no-untyped-call]
            self.spent = self._average(time.monotonic() - begun)
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad()
            self.step += 1
            self.tokens += ids.numel() * self.run.processes
            loss = 0.98 * loss + 0.02 * float(mean.detach())
            self._report(loss / (1 - 0.98 ** (self.step - first)))
        self._save(1.0)

    def _progress(self) -> float:
        return max(self.step / self.stage.steps, self.spent / self.run.limit(self.stage))

    def _average(self, spent: float) -> float:
        """Share gradients; the clock travels with them, so that all processes stop together."""
        gradients = [weight.grad for weight in self.model.parameters() if weight.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients] + [torch.tensor([spent])])
        distributed.all_reduce(flat)
        flat /= self.run.processes
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()
        return float(flat[-1])

    def _report(self, loss: float) -> None:
        if self.rank or self.step % 25:
            return
        if self.step % _SAVE_EVERY == 0:
            self._save(self._progress())
        rate = self.tokens / self.spent
        print(f"{self.stage.name} {self.step} loss {loss:.3f} {rate:.0f} tokens/s", flush=True)

    def _save(self, progress: float) -> None:
        if self.rank:
            return
        state: dict[str, object] = {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "progress": progress,
            "step": self.step,
            "spent": self.spent,
            "tokens": self.tokens,
        }
        path = _checkpoint(self.run, self.stage)
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def _resume(self, index: int) -> None:
        own = _checkpoint(self.run, self.stage)
        if not own.exists() and index == 0:
            return
        state: dict[str, Tensor] = torch.load(
            own if own.exists() else _checkpoint(self.run, STAGES[index - 1])
        )
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        if own.exists():
            self.step, self.spent = int(state["step"]), float(state["spent"])
            self.tokens = int(state["tokens"])


if __name__ == "__main__":
    main()
