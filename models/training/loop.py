"""The training loop: AdamW, warm-up and cosine cycles, averaged weights, resumable checkpoints."""

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

    `cycles` holds the picture size in pixels of each epoch, for each cycle of the learning rate: a warm-up and a half
    cosine, with half the peak of the cycle before (https://arxiv.org/abs/1608.03983). The rates are the first peaks of
    AdamW's learning rate for the network's body and for its head (`fc`). `average` is the decay of the averaged weights
    per step.
    `part` is the number of pictures that one thread computes at once; a batch norm normalises over these.
    """

    cycles: tuple[tuple[int, ...], ...]
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
    """Exponential moving average of a network's parameters and of its batch norms' statistics."""

    def __init__(self, network: nn.Module, decay: float):
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network; the decay grows from 0 so that early steps are forgotten."""
        decay = min(self.decay, step / (step + 10))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - decay)
        torch._foreach_lerp_(statistics(self.network), statistics(network), 1 - decay)


def statistics(network: nn.Module) -> list[Tensor]:
    """The running means and variances of all batch norms."""
    return [buffer for buffer in network.buffers() if buffer.is_floating_point()]


def rate_factor(step: int, cycles: list[int], warm_up: int) -> float:
    """Of cycles with so many steps: linear warm-up, then a half cosine from the peak to 0; each peak half the last."""
    peak = 1.0
    for total in cycles:
        if step < total:
            break
        step, peak = step - total, peak / 2
    return peak * min(1.0, (step + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * step / total))


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
    """Gradients of a batch, its parts spread over threads that compute on one core each.

    Every part has its own copy of the network, which shares the parameters and normalises by the part's own
    mean and variance. The running statistics of the copies are averaged after each batch, so the result does
    not depend on which part is done first.
    """

    def __init__(self, network: nn.Module, threads: int, part: int):
        self.copies, self.part = [network], part
        self.parameters = list(network.parameters())
        self.pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))

    def of_part(self, network: nn.Module, images: Tensor, targets: Tensor, weight: float) -> tuple[Tensor, list[Tensor]]:
        """Loss and gradients of one part of a batch, times the part's share of the batch."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(images.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), targets) * weight
        return loss.detach(), list(torch.autograd.grad(loss, self.parameters))

    def fill(self, images: Tensor, targets: Tensor) -> float:
        """Set `grad` of all parameters and return the mean loss."""
        pieces = list(zip(images.split(self.part), targets.split(self.part), strict=True))
        while len(self.copies) < len(pieces):
            self.copies.append(copy.deepcopy(self.copies[0], {id(shared): shared for shared in self.parameters}))
        parts = [
            self.pool.submit(self.of_part, network, some, wanted, len(some) / len(images))
            for network, (some, wanted) in zip(self.copies, pieces, strict=True)
        ]
        loss, total = parts[0].result()
        for part in parts[1:]:
            more, gradients = part.result()
            torch._foreach_add_(total, gradients)
            loss = loss + more
        for parameter, gradient in zip(self.parameters, total, strict=True):
            parameter.grad = gradient
        own, *others = (statistics(network) for network in self.copies)
        for theirs in others:
            torch._foreach_add_(own, theirs)
        torch._foreach_div_(own, len(self.copies))
        for theirs in others:
            torch._foreach_copy_(theirs, own)
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
    cycles = [steps_per_epoch * len(cycle) for cycle in recipe.cycles]
    sizes = [size for cycle in recipe.cycles for size in cycle]
    total, step, seconds = sum(cycles), 0, 0.0
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
        return draw(torch.Generator().manual_seed(recipe.seed * 1_000_003 + step), chosen, sizes[epoch])

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
            factor = rate_factor(step, cycles, recipe.warm_up)
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
            bar.set_postfix(epoch=epoch + 1, pixels=sizes[epoch], loss=f"{running:.3f}", refresh=False)
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
