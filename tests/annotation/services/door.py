"""A small model of the door, without a database: who holds what, who has answered, whose place is taken."""

from dataclasses import dataclass, field

OVERLAP = 2
AGAIN = {"expired", "revoked"}


@dataclass
class Seat:
    """One person at one task."""

    state: str
    has_lapsed: bool = False
    is_fresh: bool = True
    answers: list[str] = field(default_factory=list)
    since: int = 0


@dataclass
class Door:
    """What should be so after each step."""

    tasks: list[int]
    people: list[int]
    seats: dict[tuple[int, int], Seat] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)
    clock: int = 0

    def occupied(self, task: int, *, without: int | None = None) -> int:
        return sum(
            seat.state == "submitted" or (seat.state == "leased" and not seat.has_lapsed)
            for (of, person), seat in self.seats.items()
            if of == task and person != without
        )

    def held(self, person: int) -> int | None:
        running = [
            (seat.since, task)
            for (task, of), seat in self.seats.items()
            if of == person and seat.state == "leased" and not seat.has_lapsed
        ]
        return min(running)[1] if running else None

    def on_offer(self, person: int) -> set[int]:
        found = {task for task in self.tasks if self.occupied(task) < OVERLAP}
        return {t for t in found if (t, person) not in self.seats or self.seats[t, person].state in AGAIN}

    def lease(self, task: int, person: int) -> None:
        self.clock += 1
        seat = self.seats.setdefault((task, person), Seat("leased"))
        seat.state, seat.has_lapsed, seat.since = "leased", False, self.clock

    def takes_answer(self, task: int, person: int) -> bool:
        seat = self.seats[task, person]
        is_open = person not in self.suspended and seat.state in {"leased", "expired"}
        return is_open and self.occupied(task, without=person) < OVERLAP

    def effective(self) -> dict[tuple[int, int], str]:
        return {key: seat.answers[-1] for key, seat in self.seats.items() if seat.state == "submitted"}

    def chains(self) -> dict[tuple[int, int], int]:
        return {key: len(seat.answers) for key, seat in self.seats.items() if seat.answers}
