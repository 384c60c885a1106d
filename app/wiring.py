"""The composition root: every part is built here, once, and nowhere else."""

from dataclasses import dataclass, replace
from functools import partial

import nodes
from app.assets.darkroom import Darkroom
from app.assets.library import Library
from app.assets.loading import Loading
from app.cpu import CpuPool
from app.delivery.callbacks import CallbackRule
from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.egress.rules import own_address
from app.engine.aftermath import Aftermath
from app.engine.audience import Audience
from app.engine.caching import Caching, Forgetting
from app.engine.children import Children
from app.engine.claim import Claims
from app.engine.decide import Decider
from app.engine.doorbell import Doorbell, add_actors, connect
from app.engine.engine import Engine
from app.engine.executor import Executor
from app.engine.ledger import Ledger
from app.engine.live import Live, Publisher
from app.engine.own_assets import Shelf
from app.engine.paid import PaidCalls
from app.engine.perform import Performer
from app.engine.plans import Plans
from app.engine.recipes import Recipes
from app.engine.secret_web import SecretKeeper
from app.engine.send import Sender
from app.engine.services import Services
from app.engine.settle import Settlements
from app.engine.tally import Tally
from app.engine.tools import Tools, Watch
from app.engine.web import NodeWeb
from app.engine.worker import WorkerHost, worker_name
from app.engine.writer import Writer
from app.identity.callers import Callers
from app.identity.connections import Connections
from app.identity.keys import Keys
from app.identity.secrets import Secrets
from app.identity.sessions import Sessions
from app.identity.vault import Vault
from app.providers.contract import Provider
from app.providers.kinds import connect as connect_service
from app.providers.rehearsal import Rehearsal
from app.settings import Settings
from app.store.database import Database
from app.workflows.apps import Apps
from app.workflows.batches import Batches
from app.workflows.callees import Callees
from app.workflows.facts import installed
from app.workflows.feeding import Feeding
from app.workflows.firing import Firing
from app.workflows.forms import Forms
from app.workflows.pictures import Pictures
from app.workflows.published import PublishedVersions
from app.workflows.schedules import Schedules
from app.workflows.secret_uses import SecretUses, meant_for
from app.workflows.service import WorkflowService
from app.workflows.tidying import Tidying
from app.workflows.usage import Counting
from graphs.catalogue import Catalogue, discover
from graphs.secrets import KnownSecrets

# seconds between commits under load: a run's steps may come a moment later, an answer hardly
_WEB_EVERY, _WORKER_EVERY = 0.006, 0.02
# so short are the worker's transactions that an answer waits for
_WORKER_MOST = 100


@dataclass(frozen=True)
class System:
    """What the API and the pages are built over."""

    settings: Settings
    db: Database
    catalogue: Catalogue
    engine: Engine
    library: Library
    providers: dict[str, Provider]
    egress_policy: EgressPolicy
    vault: Vault
    live: Live
    audience: Audience
    keys: Keys
    sessions: Sessions
    callers: Callers
    connections: Connections
    secrets: Secrets
    workflows: WorkflowService
    schedules: Schedules
    batches: Batches
    forms: Forms
    apps: Apps
    pictures: Pictures
    public_url: str


def build_web(settings: Settings) -> System:
    """Everything a web or API process needs; start ``live`` when its loop runs."""
    parts = _Parts(settings)
    broker = connect(settings.redis_url)
    add_actors(broker, _only_in_workers, _only_in_workers)
    engine = Engine(parts.db, Writer(parts.db, every=_WEB_EVERY), Doorbell(broker))
    workflows = WorkflowService(parts.db, parts.catalogue, installed(), parts.offers, parts.known_secrets)
    callback = CallbackRule(parts.egress_policy, settings.public_url)
    return System(
        settings=settings,
        db=parts.db,
        catalogue=parts.catalogue,
        engine=engine,
        library=parts.library,
        providers=parts.providers,
        egress_policy=parts.egress_policy,
        vault=parts.vault,
        live=Live(settings.redis_url),
        audience=Audience(settings.event_streams),
        keys=Keys(parts.db),
        sessions=Sessions(parts.db),
        callers=parts.callers,
        connections=parts.connections,
        secrets=parts.secrets,
        workflows=workflows,
        schedules=Schedules(parts.db, workflows, engine, callback),
        batches=Batches(parts.db, workflows, engine, callback),
        forms=Forms(parts.db, workflows, engine),
        apps=Apps(parts.db, workflows, engine),
        pictures=Pictures(parts.db, parts.library),
        public_url=settings.public_url,
    )


def build_worker(settings: Settings, *, workers: int = 1) -> WorkerHost:
    """Everything a worker process needs, ready to start; so many of them share this machine's processors."""
    parts = _Parts(settings, workers)
    name, lease = worker_name(), settings.lease_seconds
    broker = connect(settings.redis_url)
    writer = Writer(parts.db, every=_WORKER_EVERY, most=_WORKER_MOST)
    doorbell, publisher = Doorbell(broker), Publisher(settings.redis_url)
    claims = Claims(parts.db.dialect, name, lease)
    egress = Egress(parts.egress_policy)
    services = Services(
        parts.connections.opened, partial(connect_service, egress=egress, load=Loading(parts.library))
    )
    tools = replace(
        parts.tools(name, publisher.node, NodeWeb(egress)), paid=PaidCalls(services, Ledger(writer))
    )
    executor = Executor(
        writer,
        Settlements(parts.db.dialect, name, lease, claims),
        Performer(tools),
        Decider(settings.retry_delays, parts.library),
        Plans(parts.db),
        Sender(egress, parts.signing_secrets, settings.retry_delays),
        doorbell,
        publisher,
    )
    return WorkerHost(
        *(name, parts.db, broker, writer, claims, executor, doorbell),
        *(lease, settings.worker_threads, parts.pool.kill),
        feeds=(Firing(parts.db), Feeding(parts.db), Tally(parts.db)),
        chores=(
            Aftermath(parts.db, writer, services, executor.loop),
            Forgetting(parts.db, writer),
            Counting(parts.db),
            Tidying(parts.db),
        ),
    )


class _Parts:
    """What both kinds of process share."""

    def __init__(self, settings: Settings, workers: int = 0) -> None:
        self.db = Database(settings.database_url_resolved, patient=workers > 0)
        self.catalogue: Catalogue = discover(nodes)
        self.vault = Vault(settings.secret_key_resolved)
        self.pool = CpuPool(sharers=max(workers, 1))
        signing = self.vault.derive("sakuga asset addresses")
        self.library = Library(
            settings.assets_url_resolved,
            signing,
            settings.public_url,
            self.pool,
            lifetime=settings.asset_url_days * 86_400,
        )
        rehearsal: Provider = Rehearsal(self.pool, Loading(self.library))
        self.providers = {rehearsal.name: rehearsal}
        self.egress_policy = EgressPolicy.of((*settings.egress_allow, own_address(settings.public_url)))
        self.callers = Callers(self.db, self.vault)
        self.children = Children(self.db, Callees(PublishedVersions(self.db)).find)
        self.connections = Connections(self.db, self.vault, self.egress_policy)
        self.secrets = Secrets(self.db, self.vault, SecretUses(self.catalogue))

    def tools(self, executor: str, watch: Watch, web: NodeWeb) -> Tools:
        darkroom = Darkroom(self.library, self.pool)
        return Tools(
            *(self.catalogue, darkroom, Shelf(self.db), self.library, self.providers),
            *(executor, watch, web, self.children),
            caching=Caching(self.db, self.library),
            recipes=Recipes(self.db, self.catalogue),
            secrets=SecretKeeper(self.secrets.opened, self.egress_policy),
        )

    def offers(self, org_id: str) -> dict[str, dict[str, frozenset[str]]]:
        """The services of an organisation with their models: what is built in, and what it has connected."""
        known = {each.connection.name: each.connection.models for each in self.connections.all(org_id)}
        known |= {name: each.models for name, each in self.providers.items()}
        return {name: {each.id: each.abilities for each in models} for name, models in known.items()}

    def known_secrets(self, org_id: str) -> KnownSecrets:
        """What nodes of an organisation may send, and where."""
        return KnownSecrets(self.secrets.hosts(org_id), partial(meant_for, self.egress_policy))

    def signing_secrets(self, caller_id: str) -> list[str]:
        return list(self.callers.secrets(caller_id))


def _only_in_workers(_: object) -> None:
    raise RuntimeError("this process rings; it does not work")
