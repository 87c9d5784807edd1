"""The training loop: AdamW, one warm-up and cosine schedule, averaged weights, resumable checkpoints."""

import copy
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

Evaluate = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to train.

    `sizes` is the picture size in pixels of each epoch. The rates are the peaks of AdamW's learning
    rate for the network's body and for its head (`fc`). `average` is the decay of the averaged weights per step.
    `part` is the number of pictures that one thread computes at once; without batch norm the sum over the
    parts of a batch is the gradient of the batch.
    """

    sizes: tuple[int, ...]
    batch: int = 64
    part: int = 32
    body_rate: float = 3e-4
    head_rate: float = 3e-3
    weight_decay: float = 0.03
    warm_up: int = 200
    smoothing: float = 0.1
    average: float = 0.999
    clip: float = 2.0
    seed: int = 0


# Draws the pictures with the indices `order`, augmented to a size in pixels, with the random numbers of a generator:
# float [N, C, H, W] and targets [N, classes].
Batch = Callable[[torch.Generator, Tensor, int], tuple[Tensor, Tensor]]


class Average:
    """Exponential moving average of a network's parameters and buffers."""

    def __init__(self, network: nn.Module, decay: float):
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network; the decay grows from 0 so that early steps are forgotten."""
        decay = min(self.decay, step / (step + 10))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - decay)
        for mean, value in zip(self.network.buffers(), network.buffers(), strict=True):
            mean.copy_(value)


def rate_factor(step: int, total: int, warm_up: int) -> float:
    """Linear warm-up, then a half cosine from 1 to 0."""
    return min(1.0, (step + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / total)))


def smooth(targets: Tensor, classes: int, smoothing: float) -> Tensor:
    """Class indices [N] -> smoothed distributions [N, classes]."""
    return F.one_hot(targets, classes).float() * (1 - smoothing) + smoothing / classes


def optimiser(network: nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW with one learning rate for the body and one for the head; no decay on biases and norms."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith("fc."), parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "peak": recipe.head_rate if head else recipe.body_rate,
                "weight_decay": recipe.weight_decay if decay else 0.0,
            }
            for (head, decay), parameters in groups.items()
        ],
        lr=recipe.body_rate,
        fused=True,
    )


class Gradients:
    """Gradients of a batch, its parts spread over threads that compute on one core each."""

    def __init__(self, network: nn.Module, threads: int, part: int):
        self.network, self.part = network, part
        self.parameters = list(network.parameters())
        self.pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))

    def of_part(self, images: Tensor, targets: Tensor, weight: float) -> tuple[Tensor, list[Tensor]]:
        """Loss and gradients of one part of a batch, times the part's share of the batch."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.network(images.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), targets) * weight
        return loss.detach(), list(torch.autograd.grad(loss, self.parameters))

    def fill(self, images: Tensor, targets: Tensor) -> float:
        """Set `grad` of all parameters and return the mean loss."""
        parts = [
            self.pool.submit(self.of_part, some, wanted, len(some) / len(images))
            for some, wanted in zip(images.split(self.part), targets.split(self.part), strict=True)
        ]
        loss, total = parts[0].result()
        for part in parts[1:]:
            more, gradients = part.result()
            torch._foreach_add_(total, gradients)
            loss = loss + more
        for parameter, gradient in zip(self.parameters, total, strict=True):
            parameter.grad = gradient
        return float(loss)


def train(
    network: nn.Module,
    recipe: Recipe,
    count: int,
    draw: Batch,
    evaluate: Evaluate,
    checkpoints: Path,
    threads: int,
) -> nn.Module:
    """Train on `count` pictures and return the averaged network.

    Every step draws from a generator seeded with the recipe's seed and its own number, so a run resumed
    from `checkpoints/latest.pt` sees the same batches as one that was never interrupted.
    """
    checkpoints.mkdir(parents=True, exist_ok=True)
    latest, log = checkpoints / "latest.pt", checkpoints / "log.jsonl"
    torch.set_num_threads(threads)
    network.to(memory_format=torch.channels_last)
    average, adam = Average(network, recipe.average), optimiser(network, recipe)
    gradients, drawing = Gradients(network, threads, recipe.part), ThreadPoolExecutor(1)
    steps_per_epoch = count // recipe.batch
    total, step, seconds = steps_per_epoch * len(recipe.sizes), 0, 0.0
    if latest.exists():
        stored = torch.load(latest, weights_only=True)
        network.load_state_dict(stored["network"])
        average.network.load_state_dict(stored["average"])
        adam.load_state_dict(stored["optimiser"])
        step, seconds = stored["step"], stored["seconds"]

    def draw_step(step: int) -> tuple[Tensor, Tensor]:
        epoch, place = divmod(step, steps_per_epoch)
        order = torch.randperm(count, generator=torch.Generator().manual_seed(recipe.seed + epoch))
        chosen = order[place * recipe.batch : (place + 1) * recipe.batch]
        return draw(torch.Generator().manual_seed(recipe.seed * 1_000_003 + step), chosen, recipe.sizes[epoch])

    def save() -> None:
        state = {
            "network": network.state_dict(), "average": average.network.state_dict(),
            "optimiser": adam.state_dict(), "step": step, "seconds": seconds + time.monotonic() - started,
        }  # fmt: skip
        torch.save(state, latest.with_suffix(".new"))
        latest.with_suffix(".new").replace(latest)

    started, running = time.monotonic(), 0.0
    upcoming: Future | None = drawing.submit(draw_step, step) if step < total else None
    with tqdm(total=total, initial=step, unit="step", mininterval=5) as bar:
        while upcoming is not None:
            images, targets = upcoming.result()
            upcoming = drawing.submit(draw_step, step + 1) if step + 1 < total else None
            factor = rate_factor(step, total, recipe.warm_up)
            for group in adam.param_groups:
                group["lr"] = group["peak"] * factor
            network.train()
            loss = gradients.fill(images, targets)
            nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            adam.step()
            step += 1
            average.update(network, step)
            running = loss if running == 0 else 0.98 * running + 0.02 * loss
            epoch, place = divmod(step - 1, steps_per_epoch)
            bar.set_postfix(epoch=epoch + 1, pixels=recipe.sizes[epoch], loss=f"{running:.3f}", refresh=False)
            bar.update()
            if step % 200 == 0 or step == total:
                save()
            if place == steps_per_epoch - 1:
                line = {"epoch": epoch + 1, "loss": round(running, 4), **evaluate(average.network)}
                line["minutes"] = round((seconds + time.monotonic() - started) / 60, 1)
                tqdm.write(json.dumps(line))
                with log.open("a") as file:
                    file.write(json.dumps(line) + "\n")
    return average.network
