"""Learning rates that follow a schedule, under torch's names: call step() after each epoch.

Each rate is a function of the epoch alone: a scheduler can be stopped and taken up anywhere.
"""

import math
from bisect import bisect_left, bisect_right


class LRScheduler:
    """Sets the "lr" of every group to rate(base, epoch), where base is what it was at the start.

    last_epoch: the epoch to continue after, -1 to start; the base is kept in the group as
    "initial_lr".
    """

    def __init__(self, optimizer, last_epoch=-1):
        self.optimizer, self.last_epoch = optimizer, last_epoch
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: group {i} has no 'initial_lr' to continue epoch "
                    f"{last_epoch} from; load the optimizer's state_dict first"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.step()

    def rate(self, base, epoch, group):
        """The learning rate of group number `group` in an epoch."""
        raise NotImplementedError

    def step(self, epoch=None):
        """Go on to the next epoch (or to the one given) and set its rates."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        for i, group in enumerate(self.optimizer.param_groups):
            group["lr"] = self.rate(self.base_lrs[i], self.last_epoch, i)

    def get_last_lr(self):
        """The present rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Everything but the optimizer."""
        return {k: v for k, v in self.__dict__.items() if k != "optimizer"}

    def load_state_dict(self, state_dict):
        """Continue from such a dict."""
        self.__dict__.update(state_dict)


class LambdaLR(LRScheduler):
    """base * lr_lambda(epoch); one function, or a list with one per group."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        groups = len(optimizer.param_groups)
        several = isinstance(lr_lambda, (list, tuple))
        self.lr_lambdas = list(lr_lambda) if several else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(
                f"LambdaLR: there are {len(self.lr_lambdas)} functions but {groups} groups"
            )
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class."""
        return base * self.lr_lambdas[group](epoch)

    def state_dict(self):
        """The functions are left out: they are the caller's."""
        return {k: v for k, v in super().state_dict().items() if k != "lr_lambdas"}


class StepLR(LRScheduler):
    """base * gamma^⌊epoch / step_size⌋."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class."""
        return base * self.gamma ** (epoch // self.step_size)


class MultiStepLR(LRScheduler):
    """base * gamma^(the number of milestones up to epoch)."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class."""
        return base * self.gamma ** bisect_right(self.milestones, epoch)


class ExponentialLR(LRScheduler):
    """base * gamma^epoch."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class."""
        return base * self.gamma**epoch


class LinearLR(LRScheduler):
    """base times a factor that goes from start_factor to end_factor in total_iters epochs."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class."""
        done = min(epoch, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(LRScheduler):
    """eta_min + (base - eta_min) (1 + cos(π epoch / T_max)) / 2; it rises again after T_max."""

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class."""
        height = (1 + math.cos(math.pi * epoch / self.T_max)) / 2
        return self.eta_min + (base - self.eta_min) * height


class OneCycleLR(LRScheduler):
    """Up to max_lr in the first pct_start of total_steps, and down to almost nothing.

    It starts at max_lr / div_factor and ends at that over final_div_factor; three_phase: down to
    the start first, as fast as it rose. The momentum (or the first of the betas) goes the other
    way, from max_momentum to base_momentum and back, unless cycle_momentum is False. Call step()
    after each batch. Smith and Topin 2018.
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None,
        pct_start=0.3, anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85,
        max_momentum=0.95, div_factor=25.0, final_div_factor=1e4, three_phase=False, last_epoch=-1,
    ):  # fmt: skip
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
        if anneal_strategy not in ANNEALED:
            known = "' or '".join(ANNEALED)
            raise ValueError(f"OneCycleLR: anneal_strategy is '{known}', not {anneal_strategy!r}")
        self.total_steps = total_steps or epochs * steps_per_epoch
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        self.div_factor, self.final_div_factor = div_factor, final_div_factor
        self.base_momentum, self.max_momentum = base_momentum, max_momentum
        peak = pct_start * self.total_steps - 1
        down = [2 * peak] if three_phase else []
        self.ends = [peak, *down, self.total_steps - 1]
        if last_epoch == -1:
            peaks = per_group("OneCycleLR", "max_lr", max_lr, optimizer)
            for group, rate in zip(optimizer.param_groups, peaks, strict=True):
                group["initial_lr"] = rate / div_factor
        super().__init__(optimizer, last_epoch)

    def rate(self, base, epoch, group):
        """See the class; sets the momentum too."""
        if epoch > self.total_steps:
            raise ValueError(f"OneCycleLR: step {epoch} is beyond total_steps, {self.total_steps}")
        phase = min(bisect_left(self.ends, epoch), len(self.ends) - 1)
        start = self.ends[phase - 1] if phase else 0
        done = min((epoch - start) / max(self.ends[phase] - start, 1e-9), 1.0)
        between = ANNEALED[self.anneal_strategy]
        if self.cycle_momentum:
            low, high = self.base_momentum, self.max_momentum
            momenta = [high, low, high, high]
            turn(self.optimizer.param_groups[group], between(*momenta[phase : phase + 2], done))
        last = base / self.final_div_factor
        middle = [base] if len(self.ends) == 3 else []
        rates = [base, base * self.div_factor, *middle, last]
        return between(*rates[phase : phase + 2], done)


ANNEALED = {
    "cos": lambda start, end, done: end + (start - end) * (1 + math.cos(math.pi * done)) / 2,
    "linear": lambda start, end, done: start + (end - start) * done,
}


def turn(group, momentum):
    """Set the momentum of a group, or the first of its betas."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    elif "momentum" in group:
        group["momentum"] = momentum
    else:
        raise ValueError(
            "OneCycleLR: the optimizer has neither momentum nor betas to cycle; "
            "pass cycle_momentum=False"
        )


def per_group(scheduler, name, value, optimizer):
    """One value for each group: the same for all, or those of a list."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{scheduler}: {name} has {len(value)} values but there are {groups} groups"
        )
    return list(value)


class ReduceLROnPlateau:
    """The rate times `factor` where a metric has not improved for more than `patience` epochs.

    Call step(metric) after each epoch. mode: whether 'min' or 'max' is better. threshold: what
    counts as better, relative to the best ('rel') or absolute ('abs'). After a reduction `cooldown`
    epochs do not count. Rates stay above min_lr; a change smaller than eps is left out.
    """

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4,
        threshold_mode="rel", cooldown=0, min_lr=0, eps=1e-8,
    ):  # fmt: skip
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: factor is {factor} but must be less than 1")
        for name, value, known in (
            ("mode", mode, ("min", "max")),
            ("threshold_mode", threshold_mode, ("rel", "abs")),
        ):
            if value not in known:
                raise ValueError(
                    f"ReduceLROnPlateau: {name} is '{known[0]}' or '{known[1]}', not {value!r}"
                )
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lrs = per_group("ReduceLROnPlateau", "min_lr", min_lr, optimizer)
        self.eps, self.last_epoch = eps, 0
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0

    def is_better(self, metric):
        """True where the metric improves on the best by more than the threshold."""
        step = self.threshold if self.mode == "min" else -self.threshold
        goal = self.best * (1 - step) if self.threshold_mode == "rel" else self.best - step
        return metric < goal if self.mode == "min" else metric > goal

    def step(self, metrics, epoch=None):
        """Note the metric of an epoch, a number or a Tensor of one, and reduce where it is time."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        metric = float(metrics)
        if self.is_better(metric):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown_counter - 1, 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                reduced = max(group["lr"] * self.factor, least)
                if group["lr"] - reduced > self.eps:
                    group["lr"] = reduced

    get_last_lr = LRScheduler.get_last_lr
    state_dict = LRScheduler.state_dict
    load_state_dict = LRScheduler.load_state_dict
