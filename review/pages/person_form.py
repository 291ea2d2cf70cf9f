"""What an administrator types about a person."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form

from review.desk.people import DEFAULT_PLAN, Person


@dataclass(frozen=True, slots=True)
class PersonForm:
    """As it was typed: it is shown again when something in it does not hold."""

    login: str = ""
    name: str = ""
    role: str = "supervisor"
    manager: str = ""
    blind: bool = False
    masked: bool = False
    daily_plan: str = str(DEFAULT_PLAN)

    def person(self, person_id: str = "", *, disabled: bool = False) -> Person:
        """Not checked yet: the desk does that. A number that is none becomes a plan that does not hold."""
        return Person(
            person_id=person_id,
            login=self.login.strip(),
            name=self.name.strip(),
            role=self.role,  # type: ignore[arg-type]  # checked at the desk
            manager=self.manager.strip() or None,
            blind=self.blind,
            masked=self.masked,
            daily_plan=int(self.daily_plan) if self.daily_plan.isascii() and self.daily_plan.isdigit() else 0,
            disabled=disabled,
        )


def form_of(person: Person) -> PersonForm:
    return PersonForm(
        login=person.login,
        name=person.name,
        role=person.role,
        manager=person.manager or "",
        blind=person.blind,
        masked=person.masked,
        daily_plan=str(person.daily_plan),
    )


def changed_fields(before: Person, after: Person) -> list[str]:
    """Which of the fields differ, for the audit log; their values are no business of it."""
    return [name for name in Person.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]


def typed_person(
    login: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    manager: Annotated[str, Form()] = "",
    blind: Annotated[str, Form()] = "",
    masked: Annotated[str, Form()] = "",
    daily_plan: Annotated[str, Form()] = "",
) -> PersonForm:
    """A box that is not ticked is not sent at all."""
    return PersonForm(login, name, role, manager, bool(blind), bool(masked), daily_plan.strip())


TypedPerson = Annotated[PersonForm, Depends(typed_person)]
