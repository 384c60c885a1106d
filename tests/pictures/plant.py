"""Makes every state there is, by the product's own API; nothing is written into its tables."""

from typing import Any

from tests.pictures.house import House, Services, example, with_settings
from tests.support.site import ENDED, Json, until

_PRODUCTS = ("Amber glass perfume bottle", "Leather backpack", "Glass teapot", "Trail shoe")
_STYLES = ("studio", "anime", "noir", "watercolour")
_TABLE = """sku,product_name,target_style,target_platform
SKU-2001,Oak chair,studio,web
SKU-2002,Desk lamp,anime,web
SKU-2003,Ceramic mug,noir,instagram_feed
SKU-2004,Linen cushion,watercolour,amazon
SKU-2005,Brass candlestick,neon,web
"""
_SPOILED = {"min_sharpness": 10_000}


class Plant:
    """Fills a house; `places` are what stands for the names in the addresses of the scenes."""

    def __init__(self, house: House, services: Services) -> None:
        self.house, self.services = house, services
        self.places: dict[str, str] = {}

    def all(self) -> dict[str, str]:
        """Make everything, and wait until what can end has ended."""
        self._callers()
        self._services()
        ending = [*self._good(), *self._refused(), *self._callbacks(), *self._spoiled()]
        self._gates()
        self._held_back()
        self._ways()
        self._versions()
        drafted = self._draft()
        until(lambda: all(self._ended(run) for run in [*ending, drafted]), seconds=240, every=0.5)
        self._judge()
        self._change_draft(drafted)
        return self.places

    def _job(self, slug: str, key: str = "", **body: Any) -> str:
        headers = {"authorization": f"Bearer {key}"} if key else None
        return str(self.house.trigger(slug, headers, **body).json()["job_id"])

    def _publish(self, slug: str, name: str, graph: Json) -> None:
        self.house.ask("POST", "/v1/workflows", {"slug": slug, "name": name, "graph": graph | {"name": name}})
        self.house.ask("POST", f"/v1/workflows/{slug}/publish", {"note": "First version"})

    def _ended(self, run_id: str) -> bool:
        return self.house.run(run_id)["status"] in ENDED

    def _callers(self) -> None:
        for name in ("shop-berlin", "app-tokyo"):
            self.house.ask("POST", "/v1/callers", {"name": name})
        for name, role, caller in (
            ("viewer", "viewer", "default"),
            ("editor", "editor", "default"),
            ("berlin", "caller", "shop-berlin"),
            ("tokyo", "caller", "app-tokyo"),
        ):
            made = self.house.ask("POST", "/v1/keys", {"label": name.title(), "role": role, "caller": caller})
            self.places[name] = made["key"]

    def _services(self) -> None:
        for name, service in (
            ("portrait-lab", self.services.refusing),
            ("render-farm", self.services.failing),
            ("studio-cloud", self.services.vanishing),
            ("night-shift", self.services.silent),
        ):
            models = [{"id": "m1", "title": "Painter 1", "price": 0.25}]
            settings = {"timeout_seconds": 600 if name == "night-shift" else 5}
            body = {"name": name, "kind": "openai_images", "base_url": service.url, "models": models}
            self.house.ask("POST", "/v1/providers", body | {"credential": "secret-0", "settings": settings})
            graph = with_settings(example("product-image"), "generator", provider=name, model="m1")
            self._publish(name, name.replace("-", " ").capitalize(), graph)
        for name, host in (
            ("crm", "api.crm.example"),
            ("shop", "shop.example"),
            ("weather", "10.0.0.7:8443"),
        ):
            value = f"sk-{name}-0123456789-abcdefgh"
            self.house.ask("POST", "/v1/secrets", {"name": name, "value": value, "hosts": [host]})

    def _good(self) -> list[str]:
        runs = []
        inbox = f"{self.house.url}/v1/inbox/shop"
        for number, (product, style) in enumerate(zip(_PRODUCTS, _STYLES, strict=True)):
            body = {"product_id": f"SKU-10{number}", "product_name": product, "target_style": style}
            runs.append(self._job("product-image", **body, external_id=f"SKU-10{number}", callback_url=inbox))
        self.places |= {"run": runs[1], "other": runs[3]}
        names = ["Leather backpack", "Ceramic mug", "Trail shoe"]
        self.places["children"] = self._job("catalogue-set", product_names=names)
        post = {"article_id": "post-311", "title": "How a small harbour town went all electric"}
        header = self._job("blog-header", **post, topic="energy", style="papercut")
        return [*runs, self.places["children"], header]

    def _refused(self) -> list[str]:
        self.places["refused"] = self._job("product-image", product_id="SKU-2", target_style="cubist")
        self.places["policy"] = self._job("portrait-lab", product_id="SKU-3", product_name="Crystal vase")
        self.places["unknown"] = self._job("studio-cloud", product_id="SKU-4", product_name="Wall clock")
        self.places["running"] = self._job("night-shift", product_id="SKU-5", product_name="Grand piano")
        for number in range(3):
            self.places["retry"] = self._job("render-farm", product_id=f"SKU-6{number}", product_name="Canoe")
        return [self.places["policy"]]

    def _callbacks(self) -> list[str]:
        addresses = [self.house.mailbox.url(f"/shop/orders/{answer}") for answer in ("410", "500", "204")]
        told = [
            self._job("product-image", product_name="Trail shoe", callback_url=each) for each in addresses
        ]
        self.places |= {"gone": told[0], "again": told[1]}
        return told

    def _spoiled(self) -> list[str]:
        graph = with_settings(example("product-image"), "qc", on_fail="redo", max_redos=1, **_SPOILED)
        self._publish("strict-quality", "Strict quality", graph)
        self.places["warning"] = self._job("strict-quality", product_name="Frosted glass vase")
        graph = with_settings(example("product-image"), "qc", on_fail="fail", **_SPOILED)
        self._publish("no-excuses", "No excuses", graph)
        self.places["failed"] = self._job("no-excuses", product_name="Frosted glass vase")
        return [self.places["warning"], self.places["failed"]]

    def _gates(self) -> None:
        guarded = example("product-image-guarded")
        slow = with_settings(guarded, "rate_limiter", limit=2, window_seconds=3600)
        self._publish("two-an-hour", "Two an hour", slow)
        for number in range(5):
            body = {"product_id": f"SKU-7{number}", "product_name": "Running shoe"}
            self.places["limited"] = self._job("two-an-hour", **body)
        burst = with_settings(slow, "circuit_breaker", factor=1.5)
        self._publish("flash-sale", "Flash sale", burst)
        for number in range(9):
            body = {"product_id": f"SKU-8{number % 3}", "product_name": _PRODUCTS[number % 3]}
            self.places["held"] = self._job("flash-sale", self.places["berlin"], **body)
        poor = with_settings(guarded, "cost_monitor", daily_credits=2)
        self._publish("small-budget", "Small budget", poor)
        for number in range(4):
            body = {"product_id": f"SKU-9{number}", "product_name": "Reading lamp"}
            self.places["budget"] = self._job("small-budget", self.places["tokyo"], **body)

    def _held_back(self) -> None:
        self.house.ask("POST", "/v1/workflows/social-set/pause")
        self.places["paused"] = self._job("social-set", campaign_id="spring-7", product_name="Nova phone")
        self.house.ask("POST", "/v1/callers/shop-berlin/pause")
        self.places["cancelled"] = self._job("two-an-hour", product_name="Cancelled in time")
        self.house.ask("POST", f"/v1/runs/{self.places['cancelled']}/cancel")
        self.house.ask("POST", "/v1/workflows", {"slug": "last-season", "name": "Last season"})
        self.house.ask("DELETE", "/v1/workflows/last-season")

    def _ways(self) -> None:
        ask = self.house.ask
        fields = [
            {"name": "product_name", "label": "What is in the picture?"},
            {"name": "product_id", "hidden": True, "value": "app"},
        ]
        ask("PUT", "/v1/workflows/product-image/app", {"title": "Product pictures", "fields": fields})
        form = {"open": True, "title": "Order a picture", "intro": "It takes half a minute."}
        self.places["form"] = ask("PUT", "/v1/workflows/product-image/form", form)["url"]
        payload = {"product_name": "Flower of the day"}
        for cron, name, enabled in (
            ("0 9 * * 1-5", "", True),
            ("0 0 1 * *", "Monthly cover", True),
            ("*/15 * * * *", "Old teaser", False),
        ):
            body = {"workflow": "product-image", "cron": cron, "name": name, "payload": payload}
            ask("POST", "/v1/schedules", body | {"time_zone": "Europe/Berlin", "enabled": enabled})
        sample = {"payload": {"product_name": "Glass teapot"}}
        ask("PUT", "/v1/workflows/product-image/samples/Teapot", sample)
        query = "name=autumn-catalogue.csv&mapping=%7B%22sku%22%3A%22product_id%22%7D"
        batch = ask("POST", f"/v1/workflows/product-image/rows?{query}", _TABLE)
        self.places["batch"] = str(batch["id"])

    def _judge(self) -> None:
        path = f"/v1/batches/{self.places['batch']}"
        until(lambda: self.house.ask("GET", path)["status"] == "finished", seconds=240, every=0.5)
        note = {"verdict": "rejected", "note": "The shadow falls the wrong way."}
        for row, body in ((1, {"verdict": "approved"}), (2, {"verdict": "approved"}), (4, note)):
            self.house.ask("PUT", f"{path}/rows/{row}/verdict", body)

    def _versions(self) -> None:
        graph = example("product-image")
        self._publish("spring-hero", "Spring hero", graph)
        self._job("spring-hero", self.places["tokyo"], product_id="SKU-1", product_name="Garden chair")
        words = "{{subject}}, {{category|product}}, in soft morning light, {{style}}"
        second = with_settings(graph, "prompt_builder", template=words) | {"name": "Spring hero"}
        self.house.ask("PUT", "/v1/workflows/spring-hero/draft", second)
        self.house.ask("POST", "/v1/workflows/spring-hero/publish", {"note": "Softer light for the spring"})
        trigger = next(each for each in graph["nodes"] if each["type"] == "webhook_input")
        season = {"name": "season", "type": "string", "required": True, "description": "Which season."}
        third = with_settings(second, "webhook_input", fields=[*trigger["settings"]["fields"][1:], season])
        third = with_settings(third, "generator", width=1024, height=1024)
        third["links"] = [each for each in third["links"] if each["from"] != ["input", "product_id"]]
        self.house.ask("PUT", "/v1/workflows/spring-hero/draft", third)
        links = [each for each in graph["links"] if each["to"][1] not in {"images", "prompt"}]
        broken = graph | {"name": "Half finished", "links": links}
        self.house.ask("POST", "/v1/workflows", {"slug": "half-finished", "graph": broken})

    def _draft(self) -> str:
        """A draft that is run, before it is changed."""
        for slug, name in (("work-in-progress", "Work in progress"), ("shared-draft", "Shared draft")):
            graph = example("product-image") | {"name": name}
            self.house.ask("POST", "/v1/workflows", {"slug": slug, "graph": graph})
        inputs = {"product_id": "SKU-1", "product_name": "Paper lantern"}
        started = self.house.ask("POST", "/v1/workflows/work-in-progress/draft/runs", {"inputs": inputs})
        return str(started["job_id"])

    def _change_draft(self, run: str) -> None:
        here = "/v1/workflows/work-in-progress/draft"
        self.house.ask("PUT", f"{here}/pins/style", {"run_id": run})
        graph = self.house.ask("GET", here)
        template = "{{subject}}, {{category|product}}, floating over a pond, {{style}}"
        self.house.ask("PUT", here, with_settings(graph, "prompt_builder", template=template))
