"""The pool and the driver, made beside the preparation; where they fail, who asks is told."""

import threading

import pytest

from wonderland.shared.schedule.native import ahead


@pytest.fixture
def made(monkeypatch):
    """Who made what, for a process that has made nothing yet."""
    seen = []

    def driver():
        seen.append(("driver", threading.current_thread()))

    driver.cache_info = lambda: type("Info", (), {"currsize": len(seen)})
    monkeypatch.setattr(ahead, "driver", driver)
    monkeypatch.setattr(
        ahead, "parallel_for", lambda: seen.append(("pool", threading.current_thread()))
    )
    return seen


def test_both_are_made_beside_the_work_and_once(made):
    for _ in range(2):
        with ahead.Ahead():
            pass
    assert sorted(name for name, _ in made) == ["driver", "pool"]
    assert threading.current_thread() not in [thread for _, thread in made]


def test_a_failure_is_left_to_who_asks_next(made, monkeypatch):
    def fails():
        raise RuntimeError("no compiler")

    monkeypatch.setattr(ahead, "parallel_for", fails)
    with ahead.Ahead():
        pass
    assert made == []
