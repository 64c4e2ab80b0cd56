"""Learning rates that follow a schedule, under torch's names: call step() after each epoch.

Each rate is a function of the epoch alone: a scheduler can be stopped and taken up anywhere.
"""

import math
from bisect import bisect_right


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
