"""`sakuga import`, `export` and `validate`: workflows as files (contract §1, §8)."""

import sys
from collections.abc import Iterable
from pathlib import Path

import nodes
from app.serve.errors import OperatorError
from app.serve.local import ACTOR, Local, opened
from app.workflows.errors import WorkflowError, WorkflowUnknownError
from app.workflows.facts import installed
from app.workflows.service import WorkflowService
from graphs.catalogue import Catalogue, discover
from graphs.check import check
from graphs.document import MAX_BYTES, Document, dump, parse
from graphs.errors import MalformedDocumentError
from graphs.problem import Problem


class ProblemsFoundError(OperatorError):
    """Files have problems, which are printed already."""

    exit_code = 1

    def __init__(self, problems: int, files: int) -> None:
        super().__init__(f"{_count(problems, 'problem')} in {_count(files, 'file')}")
        self.problems = problems
        self.files = files


class NoSuchWorkflowError(OperatorError):
    """Nothing to export under this name."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"export {reference}: {reason}")
        self.reference = reference


def import_files(files: list[Path]) -> None:
    """Load files as drafts: each makes the workflow named by its stem, or replaces that one's draft.

    A readable file with problems is loaded too: a draft may have them, only publishing may not.

    Raises:
        ProblemsFoundError: A file could not be loaded, or a draft has errors; each is printed.
        OperatorError: There is no database to load them into.
    """
    catalogue = discover(nodes)
    with opened() as local:
        workflows = WorkflowService(local.db, catalogue, installed())
        _finish([_import(path, local, workflows, catalogue) for path in files])


def export(slug: str) -> None:
    """Print the draft of a workflow, or of ``slug@version`` that version, as `import` reads it.

    Raises:
        OperatorError: There is no such workflow or version, or no database.
    """
    name, _, number = slug.partition("@")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NoSuchWorkflowError(slug, "a version is a number, such as product-image@3")
    with opened() as local:
        workflows = WorkflowService(local.db, discover(nodes))
        try:
            text = _stored(workflows, local.org_id, name, number)
        except WorkflowUnknownError as error:
            known = ", ".join(each.slug for each in workflows.list(local.org_id))
            raise NoSuchWorkflowError(slug, f"{error}; there is: {known or 'none'}") from None
    sys.stdout.write(text)


def validate(files: list[Path]) -> None:
    """Print every problem of every file; no database is needed.

    Raises:
        ProblemsFoundError: At least one of them is an error (warnings alone are fine).
    """
    catalogue = discover(nodes)
    _finish([_validate(path, catalogue) for path in files])


def _stored(workflows: WorkflowService, org_id: str, slug: str, number: str) -> str:
    if number:
        return workflows.version(org_id, slug, int(number)).graph
    return workflows.draft(org_id, slug).document


def _import(path: Path, local: Local, workflows: WorkflowService, catalogue: Catalogue) -> int:
    document, problems = _read(path, catalogue)
    if document is not None:
        try:
            _say(f"{path}: {_save(path.stem, document, local, workflows)}")
        except WorkflowError as error:
            field = getattr(error, "field", None)
            problems = [Problem("workflow.refused", None, field, str(error)), *problems]
    return _report(path, problems)


def _save(slug: str, document: Document, local: Local, workflows: WorkflowService) -> str:
    """Store a draft; gives what was done."""
    graph = dump(document)
    try:
        before = workflows.draft(local.org_id, slug)
    except WorkflowUnknownError:
        workflows.create(local.org_id, slug, document.name or None, graph, actor=ACTOR)
        return f"made the workflow {slug}, draft 1"
    after = workflows.save_draft(local.org_id, slug, graph, actor=ACTOR)
    if after.revision == before.revision:
        return f"{slug} is the same already, draft {after.revision}"
    return f"replaced the draft of {slug}, draft {after.revision}"


def _validate(path: Path, catalogue: Catalogue) -> int:
    document, problems = _read(path, catalogue)
    if document is not None and not problems:
        _say(f"{path}: good ({_count(len(document.nodes), 'node')}, {_count(len(document.links), 'link')})")
    return _report(path, problems)


def _read(path: Path, catalogue: Catalogue) -> tuple[Document | None, list[Problem]]:
    """The document, unless it cannot be read, and everything that is wrong with it."""
    try:
        with path.open("rb") as file:
            document = parse(file.read(MAX_BYTES + 1))
    except OSError as error:
        return None, [Problem("file.unreadable", None, None, error.strerror or str(error))]
    except MalformedDocumentError as error:
        return None, [
            Problem(each.code, each.node_id, each.field, each.reason) for each in (error, *error.others)
        ]
    return document, check(document, catalogue, installed())


def _report(path: Path, problems: Iterable[Problem]) -> int:
    """Print problems, one a line; gives how many are errors."""
    errors = 0
    for problem in problems:
        errors += problem.severity == "error"
        place = [f"node {problem.node_id}"] if problem.node_id else []
        place += [f"field {problem.field}"] if problem.field else []
        where = f" ({', '.join(place)})" if place else ""
        _say(f"{path}: {problem.severity} {problem.code}{where}: {problem.message}")
    return errors


def _finish(errors: list[int]) -> None:
    if any(errors):
        raise ProblemsFoundError(sum(errors), sum(1 for found in errors if found))


def _say(line: str) -> None:
    # A file's own texts may hold anything; a line stays a line, whatever the terminal.
    shown = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)
    sys.stdout.write(shown + "\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
