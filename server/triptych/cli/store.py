"""`triptych store`: look after the data of a server that lasts."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

import click

from triptych.cli.options import Size, option
from triptych.cli.passwords import refuse_password
from triptych.cli.progress import Progress
from triptych.clock import SystemClock
from triptych.config import MEBIBYTE
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import SeedError, load_seed_file
from triptych.seed.export import export_lines
from triptych.store.base import Store
from triptych.store.checks import check_data
from triptych.store.errors import StoreError
from triptych.store.opening import make_store
from triptych.store.sql.inspection import SqlStore


@click.group()
@option(
    "--store",
    required=True,
    help="Which store: sqlite:PATH, or postgresql://USER@HOST:PORT/DATABASE. A password is only taken from "
    "the variable, PGPASSWORD or ~/.pgpass.",
)
@click.pass_context
def store(ctx: click.Context, store: str) -> None:
    """Look after the data of a server that lasts: SQLite or PostgreSQL.

    Exit codes: 0 if all went well; 1 if the store cannot be used, or holds what does not fit; 2 for what
    cannot be understood.
    """
    refuse_password(store)
    if store == "memory":
        raise click.UsageError("--store memory holds nothing once its server has ended")
    ctx.obj = store


@store.command()
@click.pass_obj
def migrate(store: str) -> None:
    """Bring the schema up to date; a server does so as well when it starts."""

    async def work(opened: Store) -> None:
        steps = await opened.migrate()
        for step in steps:
            click.echo(f"{step}")
        click.echo(f"{opened.name}: {len(steps)} steps" if steps else f"{opened.name} is up to date")

    _run(store, work, start=False)


@store.command()
@click.pass_obj
def check(store: str) -> None:
    """Look whether the file is whole, and each document has its version and content."""

    async def work(opened: Store) -> None:
        faults = [*await _sql(opened).verify()]
        async with opened.read() as tx:
            faults += [fault async for fault in check_data(tx)]
        for fault in faults:
            click.echo(fault, err=True)
        click.echo(f"{opened.name}: {len(faults)} faults" if faults else f"{opened.name} is sound")
        if faults:
            sys.exit(1)

    _run(store, work)


@store.command()
@click.pass_obj
def stats(store: str) -> None:
    """Tell how many things of each kind there are, and how large the store is."""

    async def work(opened: Store) -> None:
        found = await _sql(opened).stats()
        click.echo(opened.name)
        for name, count in found.items():
            click.echo(f"{count:>14,} {name}")

    _run(store, work)


@store.command(name="export")
@click.argument("file", type=click.File("wb", lazy=False), default="-")
@click.pass_obj
def export_store(store: str, file: BinaryIO) -> None:
    """Write everything, with contents, as a seed file in NDJSON: to FILE, or to the standard output.

    It holds what tokens are recognised by, though not their secrets: keep it as you keep the store.
    """

    async def work(opened: Store) -> None:
        lines = 0
        with closing(Progress()) as progress:
            async with opened.read() as tx:
                async for line in export_lines(tx):
                    file.write(line)
                    lines += 1
                    progress.tell(f"{lines:,} lines")
        file.flush()
        click.echo(f"{opened.name}: {lines:,} lines", err=True)

    _run(store, work)


@store.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@option("--max-upload", default=50 * MEBIBYTE, type=Size(), help="Largest file of a document.")
@click.pass_obj
def import_store(store: str, file: Path, max_upload: int) -> None:
    """Load a seed file, as `export` writes it or any other: all of it or nothing.

    FILE is - for NDJSON from the standard input. An empty store is filled fastest, and no server can use it
    meanwhile. If the command fails or is ended, the store is as it was.
    """

    async def work(opened: Store) -> None:
        clock = SystemClock()
        with _at_hand(file) as found, closing(Progress()) as progress:

            def tell(done: int, total: int) -> None:
                if done < total:
                    progress.tell(f"{done:,} of {total:,} items")
                else:
                    progress.tell(f"{total:,} items; indexes are made, and all is written", at_once=True)

            summary = await load_seed_file(
                found,
                opened,
                RandomIds(clock),
                clock,
                RequestValidator(),
                max_upload,
                bulk=True,
                progress=tell,
            )
        for name, count in summary.counts.items():
            click.echo(f"{count:>14,} {name}")

    _run(store, work)


@contextmanager
def _at_hand(file: Path) -> Iterator[Path]:
    """Return a file that can be gone through more than once: the standard input is copied into one."""
    if str(file) != "-":
        yield file
        return
    with NamedTemporaryFile(prefix="triptych-", suffix=".ndjson") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


def _run(text: str, work: Callable[[Store], Awaitable[None]], *, start: bool = True) -> None:
    """Do something with a store; end the process with 1 if that fails."""

    async def run() -> None:
        async with _opened(text, start=start) as opened:
            await work(opened)

    try:
        asyncio.run(run())
    except (StoreError, SeedError) as error:
        click.echo(f"triptych: {error}", err=True)
        sys.exit(1)


@asynccontextmanager
async def _opened(text: str, *, start: bool) -> AsyncIterator[Store]:
    try:
        opened = make_store(text)
    except ValueError as error:
        raise click.UsageError(f"--store {error}") from None
    if start:
        await opened.start()
    try:
        yield opened
    finally:
        if start:
            await opened.close()


def _sql(opened: Store) -> SqlStore:
    if not isinstance(opened, SqlStore):
        raise click.UsageError("--store must be sqlite:PATH or postgresql://...")
    return opened
