"""Writes the Grafana dashboard, so that its panels are a table here and not a thousand lines.

``--check`` writes nothing and exits 1 when the file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PATH = Path(__file__).resolve().parent.parent / "deploy" / "grafana" / "parley.json"

_ON = 'instance=~"$instance"'


def _rate(metric: str, labels: str = "", by: str = "") -> str:
    inside = f"{_ON},{labels}" if labels else _ON
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{{{inside}}}[$__rate_interval]))"


def _quantile(metric: str, q: float, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, {_rate(metric + '_bucket', by=labels)})"


# Rows from top to bottom: first whether anybody notices, then us, then them, then what we did.
ROWS: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "Who is here": [
        ("People", "none", {"participants": f"sum(parley_participants{{{_ON}}})"}),
        ("Rooms", "none", {"rooms": f"sum(parley_rooms{{{_ON}}})"}),
        ("Tracks", "none", {"{{source}}": f"sum by (source) (parley_tracks{{{_ON}}})"}),
        (
            "Joins and leaves",
            "ops",
            {
                "joins": _rate("parley_joins_total"),
                "left: {{reason}}": _rate("parley_leaves_total", by="reason"),
            },
        ),
    ],
    "1. Is it us": [
        (
            "Event loop late",
            "s",
            {
                "99 %": _quantile("parley_event_loop_lag_seconds", 0.99),
                "50 %": _quantile("parley_event_loop_lag_seconds", 0.5),
            },
        ),
        (
            "A packet's way through the server",
            "s",
            {
                "99 %": _quantile("parley_forwarding_latency_seconds", 0.99),
                "50 %": _quantile("parley_forwarding_latency_seconds", 0.5),
            },
        ),
        (
            "Processor",
            "percentunit",
            {"{{instance}}": f"rate(process_cpu_seconds_total{{{_ON}}}[$__rate_interval])"},
        ),
        (
            "Memory",
            "bytes",
            {"{{instance}}": f"process_resident_memory_bytes{{{_ON}}}"},
        ),
        ("Bugs", "ops", {"{{boundary}}": _rate("parley_bugs_total", by="boundary")}),
        (
            "Overload: 1 smaller pictures, 2 fewer, 3 nobody new",
            "none",
            {"{{instance}}": f"max by (instance) (parley_load_state{{{_ON}}})"},
        ),
    ],
    "2. Is it their network": [
        (
            "Lost on the way in",
            "percentunit",
            {
                "{{kind}}": _rate("parley_rtp_lost_packets_total", 'direction="in"', "kind")
                + " / "
                + _rate("parley_rtp_packets_total", 'direction="in"', "kind")
            },
        ),
        (
            "Lost on the way out",
            "percentunit",
            {
                "{{kind}}": _rate("parley_rtp_lost_packets_total", 'direction="out"', "kind")
                + " / "
                + _rate("parley_rtp_packets_total", 'direction="out"', "kind")
            },
        ),
        (
            "Asked for again",
            "pps",
            {
                "{{direction}}": _rate("parley_nacked_packets_total", by="direction"),
                "sent again, {{direction}}": _rate(
                    "parley_retransmitted_packets_total", by="direction"
                ),
            },
        ),
        (
            "Keyframes wanted",
            "ops",
            {"{{reason}}": _rate("parley_keyframe_requests_total", by="reason")},
        ),
    ],
    "3. Do they get in": [
        (
            "No media",
            "ops",
            {"{{stage}}": _rate("parley_handshake_failures_total", by="stage")},
        ),
        (
            "Phases of a join, 95 %",
            "s",
            {"{{phase}}": _quantile("parley_join_phase_seconds", 0.95, "phase")},
        ),
        ("Came back", "ops", {"{{outcome}}": _rate("parley_resumes_total", by="outcome")}),
        ("Refused", "ops", {"{{code}}": _rate("parley_signaling_errors_total", by="code")}),
        ("Dropped", "pps", {"{{reason}}": _rate("parley_drops_total", by="reason")}),
    ],
    "What goes through": [
        (
            "Packets",
            "pps",
            {"{{direction}} {{kind}}": _rate("parley_rtp_packets_total", by="direction, kind")},
        ),
        (
            "Bits",
            "bps",
            {
                "{{direction}} {{kind}}": "8 * "
                + _rate("parley_rtp_bytes_total", by="direction, kind")
            },
        ),
        (
            "Chat and files",
            "ops",
            {
                "messages": _rate("parley_chat_messages_total"),
                "files": _rate("parley_files_total"),
            },
        ),
        ("Webhooks", "ops", {"{{outcome}}": _rate("parley_webhooks_total", by="outcome")}),
    ],
}
_WIDTH, _HEIGHT, _COLUMNS = 6, 7, 24


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for row, graphs in ROWS.items():
        panels.append(
            {
                "type": "row",
                "title": row,
                "collapsed": False,
                "id": len(panels) + 1,
                "gridPos": {"h": 1, "w": _COLUMNS, "x": 0, "y": y},
            }
        )
        y += 1
        for place, (title, unit, queries) in enumerate(graphs):
            line, column = divmod(place * _WIDTH, _COLUMNS)
            position = {"h": _HEIGHT, "w": _WIDTH, "x": column, "y": y + line * _HEIGHT}
            panels.append(_graph(len(panels) + 1, title, unit, queries, position))
        y += _HEIGHT * (1 + (len(graphs) * _WIDTH - 1) // _COLUMNS)
    return {
        "uid": "parley",
        "title": "Parley",
        "tags": ["parley"],
        "schemaVersion": 39,
        "refresh": "15s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [_datasource(), _instance()]},
        "panels": panels,
    }


def queries() -> list[str]:
    """Every query of the dashboard, with Grafana's variables filled in."""
    return [
        query.replace("$__rate_interval", "1m").replace("$instance", ".*")
        for graphs in ROWS.values()
        for _, _, by_legend in graphs
        for query in by_legend.values()
    ]


def _graph(
    id: int, title: str, unit: str, by_legend: dict[str, str], position: dict[str, int]
) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${source}"}
    return {
        "id": id,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": position,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(65 + n), "datasource": source, "expr": query, "legendFormat": legend}
            for n, (legend, query) in enumerate(by_legend.items())
        ],
    }


def _datasource() -> dict[str, Any]:
    return {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}


def _instance() -> dict[str, Any]:
    return {
        "name": "instance",
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "query": "label_values(parley_build_info, instance)",
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def main() -> int:
    """Write the file, or say that it is stale."""
    text = json.dumps(dashboard(), indent=1) + "\n"
    if "--check" in sys.argv:
        if PATH.exists() and PATH.read_text() == text:
            return 0
        sys.stderr.write(f"{PATH.name} is stale: run scripts/generate_dashboards.py\n")
        return 1
    PATH.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
