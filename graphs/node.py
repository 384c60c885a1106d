# ruff: noqa: ARG003 - the classmethod hooks are no-ops here; their arguments are for the node types
"""The contract of a node type: a class over three pydantic models (design §1.3).

A node type is one file under ``nodes/``. Its palette entry, sockets, form, validation and help text are
derived from the class; nothing is said twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, JsonValue

from graphs.errors import NodeDefinitionError
from graphs.secrecy import PastedKey, SecretUse
from graphs.sockets import Image, Payload
from graphs.spawn import Call, ChildResult, Spawn
from graphs.web import Web

Weight = Literal["cheap", "slow"]
WaitFor = Literal["provider", "delay"]
Json = dict[str, JsonValue]


class Settings(BaseModel):
    """Base of a node's settings: unknown keys are refused, so that a typo is an error."""

    model_config = ConfigDict(extra="forbid")


class Open(BaseModel):
    """Base of Inputs or Outputs whose sockets depend on the settings."""

    model_config = ConfigDict(extra="allow")


class Nothing(BaseModel):
    """No sockets."""


@dataclass(frozen=True, slots=True)
class Socket:
    """One named, typed end of links; the type is a name such as ``Text`` or ``List[Image]``."""

    name: str
    type: str
    required: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not done yet: wake this node after some seconds and give it the state back (design §4.3)."""

    seconds: float
    state: Json
    note: str = ""
    reason: WaitFor = "provider"


@dataclass(frozen=True, slots=True)
class Redo:
    """Quality control asks for the work again, with a change (S45).

    Args:
        change: What is to be different; the node it goes back to gets it as ``RunInfo.change``.
        reason: Why, in one sentence for people.
        outputs: What was found; kept in the history and given back as ``RunInfo.earlier``.
    """

    change: Json
    reason: str = ""
    outputs: BaseModel | None = None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a node may know about the run it works for.

    Args:
        now: When the node began, seconds since the epoch.
        children: What its child runs came to; None before they have ended.
        generation: How often it was opened again by a redo of this run, as a number that never repeats.
        change: What the redos that went back to this node want to be different; empty for none.
        redos: How many redos this node has asked for so far.
        earlier: Its own outputs of earlier generations that compare with this one, oldest first.
        fixed: A redo would come upon a pinned result, which stays as it is: asking for one is in vain.
    """

    job_id: str
    workflow: str
    version: int
    trigger: Payload
    node_id: str
    attempt: int
    idempotency_key: str
    trace_id: str
    caller: str = ""
    state: Json | None = None
    extra: Json = field(default_factory=dict)
    now: float = 0.0
    children: tuple[ChildResult, ...] | None = None
    generation: int = 0
    change: Json = field(default_factory=dict)
    redos: int = 0
    earlier: tuple[Json, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a generator asks of a service; sizes in pixels."""

    provider: str
    model: str
    prompt: str
    negative: str
    style: str
    width: int
    height: int
    count: int
    seed: int
    options: Json = field(default_factory=dict)
    # a picture to go by, beside the words
    reference: Image | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """What a service delivered: pictures already in the asset store, and what they cost in credits."""

    images: tuple[Image, ...]
    model_id: str
    credit_cost: float


class Services(Protocol):
    """Generation services by name."""

    async def generate(self, request: GenerationRequest) -> Generated | Wait:
        """Submit, or poll what was submitted; raises a NodeError of the fitting class."""
        ...


class Assets(Protocol):
    """Pictures: measure them and make variants; the heavy part runs in other processes."""

    async def measure(self, image: Image) -> Mapping[str, Any]:
        """Measures of a picture: width, height, sharpness, clip_low, clip_high, median, colours and more."""
        ...

    async def export(self, image: Image, platform: str, options: Json) -> Image:
        """One variant of a picture for a platform preset."""
        ...

    async def picture(self, asset_id: str) -> Image:
        """A picture of the store by its id; PermanentError node.input_missing when it is not there."""
        ...

    def platforms(self) -> Mapping[str, Mapping[str, Any]]:
        """The platform presets by key."""
        ...


class Context(Protocol):
    """The only door from a node to the world; at most five members."""

    @property
    def run(self) -> RunInfo: ...
    @property
    def assets(self) -> Assets: ...
    @property
    def services(self) -> Services: ...
    @property
    def web(self) -> Web: ...
    def report(self, fraction: float, note: str = "") -> None:
        """Progress of this node, 0 to 1, shown live."""
        ...


S = TypeVar("S", bound=BaseModel)
I = TypeVar("I", bound=BaseModel)  # noqa: E741 - inputs, beside settings and outputs
O = TypeVar("O", bound=BaseModel)  # noqa: E741


class Node(Generic[S, I, O]):
    """A node type. Subclasses say what they are by class attributes and what they do by ``run``.

    Class attributes:
        kind: Stable name in saved graphs, for example ``prompt_builder``.
        title: Name on the canvas.
        group: Palette category.
        icon: Material icon name.
        version: Raised when settings change meaning, or the same ones give other results; ``migrate`` lifts
            older ones.
        weight: ``slow`` for work that leaves the process or takes seconds; a stage ends after it.
        private: Settings that leave with no picture: names of services, addresses, credentials.
        regenerates: Whether a redo may go back to it: slow work that heeds ``RunInfo.change`` (S45).
        cacheable: Whether earlier results may be reused where a workflow asks for it: slow work whose result
            follows from settings, inputs, ``RunInfo.generation`` and ``RunInfo.change`` alone.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[str]
    icon: ClassVar[str] = "widgets"
    version: ClassVar[int] = 1
    weight: ClassVar[Weight] = "cheap"
    private: ClassVar[frozenset[str]] = frozenset()
    regenerates: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    Settings: ClassVar[type[BaseModel]]
    Inputs: ClassVar[type[BaseModel]]
    Outputs: ClassVar[type[BaseModel]]

    def __init__(self, settings: S) -> None:
        self.settings = settings

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.Settings, cls.Inputs, cls.Outputs = _models(cls)
        for name in ("kind", "title", "group"):
            if not isinstance(getattr(cls, name, None), str):
                raise NodeDefinitionError(f"{cls.__name__}: class attribute '{name}' is missing")
        if cls.regenerates and cls.weight != "slow":
            raise NodeDefinitionError(f"{cls.__name__}: a redo can go back to slow work only")
        if cls.cacheable and cls.weight != "slow":
            raise NodeDefinitionError(f"{cls.__name__}: only slow work is worth being reused")
        if not cls.__doc__:
            raise NodeDefinitionError(f"{cls.__name__}: the class docstring is the help text and is missing")

    async def run(self, inputs: I, context: Context) -> O | Wait | Redo | Spawn:
        """Do the work; raise a NodeError of the fitting class when it cannot be done."""
        raise NotImplementedError

    @classmethod
    def inputs_for(cls, settings: S) -> tuple[Socket, ...] | None:
        """Input sockets computed from the settings; None takes them from the Inputs model."""
        return None

    @classmethod
    def outputs_for(cls, settings: S) -> tuple[Socket, ...] | None:
        """Output sockets computed from the settings; None takes them from the Outputs model."""
        return None

    @classmethod
    def choices_for(cls, settings: S) -> dict[str, frozenset[str]]:
        """Inputs that know only certain values with these settings: input name → values."""
        return {}

    @classmethod
    def call_for(cls, settings: S) -> Call | None:
        """The workflow this node calls; None for a node that calls none."""
        return None

    @classmethod
    def secrets_for(cls, settings: S) -> tuple[SecretUse, ...]:
        """The secrets of the organisation that it sends with these settings, and where to."""
        return ()

    @classmethod
    def pasted_for(cls, settings: S) -> tuple[PastedKey, ...]:
        """Texts of these settings that look like a key, and should be a secret."""
        return ()

    @classmethod
    def uncacheable(cls, settings: S) -> str | None:
        """Why results are not reused with these settings, although ``cacheable``; None where they may be."""
        return None

    @classmethod
    def migrate(cls, settings: Json, version: int) -> Json:
        """Lift settings saved by an older version of this node type."""
        return settings


def _models(cls: type) -> tuple[type[BaseModel], type[BaseModel], type[BaseModel]]:
    for base in getattr(cls, "__orig_bases__", ()):
        if get_origin(base) is Node:
            settings, inputs, outputs = get_args(base)
            return settings, inputs, outputs
    raise NodeDefinitionError(f"{cls.__name__}: subclass Node[Settings, Inputs, Outputs]")
