"""`prescore user`: who may log in on the review page."""

import sys
from collections.abc import Callable
from dataclasses import replace
from getpass import getpass
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.options import Common, common
from flows.cli.tables import make_console
from flows.workshop import read_environment
from pipeline.errors import InputError
from review.desk.audit import record
from review.desk.database import Desk
from review.desk.passwords import generate_password, hash_password
from review.desk.people import (
    DEFAULT_PLAN,
    Person,
    WaysIn,
    add_person,
    change_person,
    check_person,
    find_person,
    find_person_id,
    read_people,
    read_ways_in,
    set_password,
)
from review.permissions import Role

VARIABLE = "PRESCORE_NEW_PASSWORD"
Login = Annotated[str, typer.Argument(help="What the person types to log in.")]
RoleName = Literal["supervisor", "head", "manager", "data", "administrator"]
Name = Annotated[str | None, typer.Option(help="As colleagues see it; else the login.")]
Manager = Annotated[str | None, typer.Option(help="Of a manager: the name under which their calls stand in the store.")]
Blind = Annotated[bool | None, typer.Option("--blind/--no-blind", help="Suggestions hidden until submitted.")]
Masked = Annotated[bool | None, typer.Option("--masked/--no-masked", help="Numbers, names, addresses hidden.")]
Plan = Annotated[int | None, typer.Option(help="Calls a day.")]
Generate = Annotated[bool, typer.Option("--generate", help="Print an initial password, to be changed at first log-in.")]

EXAMPLES = {
    "add": '[bold]Example[/]: prescore user add kate --role manager --manager "Kate O\'Neil" --generate',
    "change": "[bold]Example[/]: prescore user change kate --role supervisor --plan 30",
    "password": "[bold]Example[/]: prescore user password kate --generate",
}
app = typer.Typer(help="People who may log in on the review page, their roles and passwords.")


def add_to(parent: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "add": add,
        "list": list_people,
        "change": change,
        "password": password,
        "disable": disable,
        "enable": enable,
    }
    for name, command in commands.items():
        app.command(name, epilog=EXAMPLES.get(name))(command)
    parent.add_typer(app, name="user", no_args_is_help=True)


def desk_of(options: Common) -> Desk:
    options.data.prepare()
    return Desk(options.data.desk)


def add(
    context: typer.Context,
    login: Login,
    role: Annotated[RoleName, typer.Option(help="What the person may do.")],
    name: Name = None,
    manager: Manager = None,
    blind: Blind = None,
    masked: Masked = None,
    plan: Plan = None,
    generate: Generate = False,
    oidc: Annotated[bool, typer.Option("--oidc", help="No password: logs in by OpenID Connect only.")] = False,
) -> None:
    """Add a person. The password is asked for twice, or taken from PRESCORE_NEW_PASSWORD, or generated."""
    desk = desk_of(common(context))
    person = Person(
        "", login, name or login, role, manager, bool(blind), bool(masked), DEFAULT_PLAN if plan is None else plan
    )
    check_person(person)
    if find_person_id(desk, login):
        raise InputError(f'login "{login}": somebody has it already; `prescore user change` changes them')
    if oidc and generate:
        raise InputError("--oidc means no password: leave --generate out")
    chosen = None if oidc else choose_password(person, generate)
    added = add_person(desk, person, chosen, is_initial=generate)
    record(desk, None, "person.added", added.person_id, role=role, method="command")
    say(f"{login}: added as {role}", chosen if generate else None)


def list_people(context: typer.Context) -> None:
    """Everybody, with their role and how they log in."""
    desk = desk_of(common(context))
    people, ways = read_people(desk), read_ways_in(desk)
    out = make_console()
    if not people:
        out.print("nobody yet; `prescore user add LOGIN --role administrator` adds the first one")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("login", "name", "role", "calls of", "plan", "mode", "logs in by"):
        table.add_column(column, overflow="fold", justify="right" if column == "plan" else "left")
    for person in people:
        table.add_row(*(escape(cell) for cell in cells(person, ways[person.person_id])))
    out.print(table)


def cells(person: Person, ways: WaysIn) -> tuple[str, ...]:
    mode = [word for word, on in (("blind", person.blind), ("masked", person.masked)) if on]
    kind = "initial password" if ways.password_ends_s is not None else "password"
    tokens = f"tokens ({ways.token_count})"
    found = ((kind, ways.has_password), ("OpenID Connect", ways.subject), (tokens, ways.token_count))
    by = [word for word, there in found if there]
    return (
        person.login,
        person.name,
        person.role,
        person.manager or "",
        str(person.daily_plan) if person.may("review") else "",
        ", ".join(mode),
        "disabled" if person.disabled else ", ".join(by) or "-",
    )


def change(
    context: typer.Context,
    login: Login,
    role: Annotated[RoleName | None, typer.Option(help="What the person may do.")] = None,
    name: Name = None,
    manager: Manager = None,
    blind: Blind = None,
    masked: Masked = None,
    plan: Plan = None,
) -> None:
    """Change what is given, and nothing else. Somebody who is no longer manager loses the name of their calls."""
    desk = desk_of(common(context))
    person = find_person(desk, login)
    chosen: Role = role or person.role
    kept = manager if manager is not None else person.manager
    changed = replace(
        person,
        role=chosen,
        name=person.name if name is None else name,
        manager=kept if chosen == "manager" or manager else None,
        blind=person.blind if blind is None else blind,
        masked=person.masked if masked is None else masked,
        daily_plan=person.daily_plan if plan is None else plan,
    )
    write(desk, person, changed, "changed")


def password(context: typer.Context, login: Login, generate: Generate = False) -> None:
    """Give a new password; wherever the person was logged in, they are logged out."""
    desk = desk_of(common(context))
    person = find_person(desk, login)
    chosen = choose_password(person, generate)
    set_password(desk, person, chosen, is_initial=generate)
    record(desk, None, "password.given", person.person_id, method="command")
    say(f"{person.login}: new password, logged out everywhere", chosen if generate else None)


def disable(context: typer.Context, login: Login) -> None:
    """Lock a person out at once. What they did stays theirs."""
    desk = desk_of(common(context))
    person = find_person(desk, login)
    write(desk, person, replace(person, disabled=True), "disabled")


def enable(context: typer.Context, login: Login) -> None:
    """Let a disabled person in again."""
    desk = desk_of(common(context))
    person = find_person(desk, login)
    write(desk, person, replace(person, disabled=False), "enabled")


def write(desk: Desk, before: Person, after: Person, done: str) -> None:
    if before == after:
        say(f"{before.login}: nothing to change")
        return
    change_person(desk, after)
    fields = [name for name in Person.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    record(desk, None, f"person.{done}", after.person_id, fields=fields, method="command")
    say(f"{before.login}: {done}")


def choose_password(person: Person, generate: bool) -> str:
    """Raises InputError when the two differ, when it is too weak, or when there is no terminal to ask at."""
    if generate:
        return generate_password()
    given = read_environment().get(VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise InputError(f"no terminal to ask for a password at; set {VARIABLE}, or give --generate")
    first = getpass("Password: ")
    hash_password(first, (person.login, person.name))  # says what is wrong with it before it is typed again
    if getpass("Once more: ") != first:
        raise InputError("the two passwords differ; nothing was changed")
    return first


def say(line: str, generated: str | None = None) -> None:
    out = make_console()
    out.print(escape(line), soft_wrap=True)
    if generated is not None:
        out.print(f"initial password, shown this once, to be changed within a week: {generated}", soft_wrap=True)
