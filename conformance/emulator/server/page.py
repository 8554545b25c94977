"""The page at `/` for people: the instances by zone, and the last requests with the reasons for their answers.

It is one HTML document without scripts, and it loads nothing. It shows what any client of the endpoint can read.
"""

from collections.abc import Iterator
from html import escape
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from ....model.states import InstanceState
from ....model.world import Instance, InstanceRecord
from ..call_log import Call
from ..client import ModelClient
from ..wire.http import HttpReply, HttpRequest, is_local
from .served_model import ServedModel, version_of_model

MOST_INSTANCES: Final = 100
"""The most instances that the page shows in one zone."""
MOST_CALLS: Final = 50
_LONGEST: Final = 2000
"""The most characters of a call's parameters that the page shows."""
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8885; --soft: #8881; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.zones { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
.zone { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.zone ul { list-style: none; margin: .5rem 0 0; padding: 0; }
.zone li { border-top: 1px solid var(--line); padding: .4rem 0; }
.state, .protected { border: 1px solid; border-radius: 1rem; font-size: .8rem; padding: 0 .5rem; white-space: nowrap; }
.running { color: #18794e; } .pending { color: #1264a3; } .stopped, .stopping { color: #9a5b00; }
.shutting-down, .terminated { color: #b42318; } .protected { color: #6941c6; }
@media (prefers-color-scheme: dark) {
  .running { color: #4cc38a; } .pending { color: #6cb6ff; } .stopped, .stopping { color: #f5b14c; }
  .shutting-down, .terminated { color: #ff8b80; } .protected { color: #bda6ff; } }
.none { opacity: .75; margin: .5rem 0 0; }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; } summary .error { color: #b42318; font-weight: 600; }
@media (prefers-color-scheme: dark) { summary .error { color: #ff8b80; } }
details ul { margin: .4rem 0; padding-left: 1.5rem; } details p { margin: .4rem 0; }
"""


def is_asked_for(request: HttpRequest) -> bool:
    """Tell whether a browser asks for the page; a request of EC2's protocol names an action."""
    wants_html = "text/html" in request.headers.get("accept", "")
    return request.method in {"GET", "HEAD"} and request.path == "/" and not request.query and wants_html


def has_plain_host(host: str) -> bool:
    """Tell whether a `Host` header is an address or this machine; any other name may be rebound to it (DNS)."""
    name = urlsplit(f"//{host}").hostname or ""
    if is_local(name):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def page(model: ServedModel, request: HttpRequest) -> HttpReply:
    """Return the page, or the refusal for a strange host."""
    if not has_plain_host(request.headers.get("host", "")):
        text = "Open this page by the address of the machine, such as http://127.0.0.1:5000/."
        return HttpReply(403, {**_HEADERS, "Content-Type": "text/plain; charset=utf-8"}, text.encode())
    with model.endpoint.lock:
        regions = dict(model.endpoint.cloud.regions)
        for client in regions.values():
            client.simulation.advance()
        body = "".join(_document(model, regions))
    return HttpReply(200, _HEADERS, body.encode())


def _document(model: ServedModel, regions: dict[str, ModelClient]) -> Iterator[str]:
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>ec2-lifecycle</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body><header><h1>ec2-lifecycle {escape(version_of_model())}</h1>"
    behaviour = model.settings.behaviour
    lag = f" Reads are late by {behaviour.read_lag:g} s." if behaviour.read_lag else ""
    clock = "stands" if model.settings.clock_is_frozen else "runs"
    yield f"<p>A served model of EC2. Its clock {clock}, and shows {model.now:.1f} s.{lag} "
    yield "Reload the page to see the present state.</p></header><main>"
    for name, client in sorted(regions.items()):
        yield from _region(name, client)
    if not regions:
        yield '<p class="none">Nobody has called EC2 yet.</p>'
    yield "<h2>Last requests</h2>"
    calls = [*model.calls][-MOST_CALLS:]
    yield from (_call(model, call) for call in reversed(calls))
    if not calls:
        yield '<p class="none">There are no requests yet.</p>'
    yield "</main></body></html>"


def _region(name: str, client: ModelClient) -> Iterator[str]:
    yield f'<h2>Instances in {escape(name)}</h2><div class="zones">'
    account = client.simulation.account
    shown = [(i, record) for i, record in account.instances.items() if account.is_visible(i)]
    for zone in client.region.zones:
        here = [(i, record) for i, record in shown if record.zone == zone]
        yield f'<section class="zone"><h3>{escape(zone)}</h3>'
        if not here:
            yield '<p class="none">No instances.</p></section>'
            continue
        latest = here[-MOST_INSTANCES:]
        yield "<ul>"
        yield from (_instance(client, i, record) for i, record in reversed(latest))
        yield "</ul>"
        if len(here) > len(latest):
            yield f'<p class="none">And {len(here) - len(latest)} older ones.</p>'
        yield "</section>"
    yield "</div>"


def _instance(client: ModelClient, i: Instance, record: InstanceRecord) -> str:
    extra = client.descriptions.extra_fields[i]
    name = next((tag.get("Value", "") for tag in extra.tags or () if tag["Key"] == "Name"), "")
    ended = record.state is InstanceState.TERMINATED
    protections = [
        text
        for text, is_set in (
            ("protected from termination", record.disable_api_termination and not ended),
            ("protected from stop", record.disable_api_stop and not ended),
        )
        if is_set
    ]
    marks = "".join(f' <span class="protected">{text}</span>' for text in protections)
    state = record.state.value
    of_name = f" {escape(name)}" if name else ""
    return (
        f"<li><code>{escape(i)}</code>{of_name}<br>"
        f'<span class="state {state}">{state}</span>{marks} {escape(extra.instance_type)}</li>'
    )


def _call(model: ServedModel, call: Call) -> str:
    kind = ' class="error"' if call.code or (call.failure is not None and call.failure.is_lost) else ""
    short = call.result.partition(":")[0]
    reasons = "".join(f"<li>{escape(line.strip())}</li>" for line in model.explain(call).splitlines()[1:])
    whole = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    sent = whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…"
    message = f"<p>{escape(call.message)}</p>" if call.message else ""
    return (
        f"<details><summary>{call.number}. {call.at:.1f} s <code>{escape(call.operation or 'no operation')}</code> "
        f"<span{kind}>{escape(short)}</span></summary><p><code>{escape(sent) or 'no parameters'}</code></p>"
        f"{message}<ul>{reasons}</ul></details>"
    )
