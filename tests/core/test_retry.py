from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.outcome import Failed
from monitor.core.retry import (
    AGE_LIMIT,
    JITTER,
    PAUSES,
    UNREACHABLE_AFTER,
    Dead,
    RetryAt,
    after_failure,
    is_unreachable,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REFUSED = Failed("550 5.1.1 no such user", permanent=True)
BUSY = Failed("HTTP 503 Service Unavailable")


def decide(
    failed: Failed = BUSY, *, attempts: int = 1, age: timedelta = timedelta(0), seed: int = 1
) -> RetryAt | Dead:
    return after_failure(
        attempts=attempts,
        first_attempt_at=NOW - age,
        now=NOW,
        failed=failed,
        random=Random(seed),
    )


def pause(decision: RetryAt | Dead) -> timedelta:
    assert isinstance(decision, RetryAt)
    return decision.when - NOW


def test_pauses_grow_from_seconds_to_an_hour_and_stay_there() -> None:
    pauses = [pause(decide(attempts=n)).total_seconds() for n in range(1, 12)]

    planned = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 3600, 3600]
    assert all(0.9 * p <= is_ <= 1.1 * p for p, is_ in zip(planned, pauses, strict=True))


def test_two_deliveries_that_failed_together_do_not_come_back_together() -> None:
    assert len({pause(decide(attempts=5, seed=seed)) for seed in range(20)}) == 20


def test_a_permanent_failure_is_final_at_once_and_says_why() -> None:
    decision = decide(REFUSED)

    assert isinstance(decision, Dead)
    assert "550 5.1.1 no such user" in decision.because


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    assert pause(decide(Failed("429", retry_after=timedelta(minutes=7)))) == timedelta(minutes=7)


def test_a_receiver_that_asks_for_less_than_the_schedule_is_not_hurried() -> None:
    assert pause(decide(Failed("429", retry_after=timedelta(seconds=1)))) >= timedelta(seconds=9)


def test_a_receiver_cannot_put_an_alert_off_beyond_the_age_limit() -> None:
    asked = Failed("429", retry_after=timedelta(days=400_000))

    assert pause(decide(asked, age=timedelta(hours=23))) == timedelta(hours=1)


def test_after_a_day_of_failures_the_delivery_is_dead() -> None:
    decision = decide(attempts=30, age=AGE_LIMIT)

    assert isinstance(decision, Dead)
    assert "24 hours" in decision.because


def test_an_unknown_outcome_is_tried_again_like_any_other() -> None:
    assert isinstance(decide(Failed("no answer", unknown=True)), RetryAt)


@given(
    attempts=st.integers(1, 500),
    age=st.timedeltas(timedelta(0), AGE_LIMIT - timedelta(microseconds=1)),
    asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=3)),
    seed=st.integers(),
)
def test_a_retry_is_always_later_than_now_and_never_beyond_the_limit(
    attempts: int, age: timedelta, asked: timedelta | None, seed: int
) -> None:
    waited = pause(decide(Failed("busy", retry_after=asked), attempts=attempts, age=age, seed=seed))

    assert timedelta(0) < waited <= max(AGE_LIMIT - age, PAUSES[0])
    assert NOW + waited <= NOW - age + AGE_LIMIT


def test_a_channel_is_unreachable_after_half_an_hour_of_failures() -> None:
    assert not is_unreachable(NOW - timedelta(minutes=29), NOW)
    assert is_unreachable(NOW - timedelta(minutes=30), NOW)


def test_an_attempt_is_made_within_minutes_of_the_half_hour() -> None:
    planned = [sum(PAUSES[:n], timedelta(0)) for n in range(len(PAUSES))]

    assert any(
        at * (1 - JITTER) >= UNREACHABLE_AFTER
        and at * (1 + JITTER) <= UNREACHABLE_AFTER + timedelta(minutes=8)
        for at in planned
    )
